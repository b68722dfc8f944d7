import {
  type AppView,
  type Builder,
  type BuildSettings,
  type BuildSettingsPatch,
  describeSetting,
  SETTING_LABELS,
  type SettingKey,
  START_TIMEOUT_SECONDS,
  updateSettingsInput,
} from '@slipway/domain'
import { fieldErrors } from '#lib/form.ts'

export type SpaFallback = 'auto' | 'on' | 'off'
export interface BuildArgument {
  name: string
  value: string
}

/** The settings as the form holds them: an empty text stands for what is not set. */
export interface BuildDraft {
  rootDirectory: string
  deployBranch: string
  builder: Builder
  dockerfile: string
  dockerfileTarget: string
  buildArgs: readonly BuildArgument[]
  buildVars: readonly string[]
  spaFallback: SpaFallback
  /** Seconds, as typed. */
  startTimeout: string
}
/** What was edited and not saved. */
export type BuildEdits = Partial<BuildDraft>
export const NO_EDITS: BuildEdits = {}

/** What a group of fields of the form works with. */
export interface FieldGroupProps {
  draft: BuildDraft
  onChange: (edits: BuildEdits) => void
  problems: Partial<Record<SettingKey, string>>
  /** What slipway.yaml says instead, by setting: takes the place of the hint. */
  overrides: Partial<Record<SettingKey, string>>
}

type Stored = Pick<AppView, 'settings' | 'deployBranch'>

/** The form of what is stored. */
export function draftOf({ settings, deployBranch }: Stored): BuildDraft {
  const { rootDirectory, builder, dockerfile, dockerfileTarget, buildArgs, buildVars, spaFallback, startTimeout } =
    settings
  return {
    rootDirectory,
    deployBranch: deployBranch ?? '',
    builder,
    dockerfile,
    dockerfileTarget: dockerfileTarget ?? '',
    buildArgs: Object.entries(buildArgs).map(([name, value]) => ({ name, value })),
    buildVars,
    spaFallback: spaFallback === null ? 'auto' : spaFallback ? 'on' : 'off',
    startTimeout: String(startTimeout),
  }
}

/** The settings that a form stands for. Arguments without name and value are rows that were not filled in. */
function settingsOf(draft: BuildDraft): BuildSettingsPatch {
  return {
    rootDirectory: draft.rootDirectory.trim().replace(/^(?:\.?\/)+|\/+$/g, ''),
    builder: draft.builder,
    dockerfile: draft.dockerfile.trim() || 'Dockerfile',
    dockerfileTarget: draft.dockerfileTarget.trim() || null,
    buildArgs: Object.fromEntries(namedArguments(draft).map(({ name, value }) => [name.trim(), value])),
    buildVars: [...draft.buildVars],
    spaFallback: draft.spaFallback === 'auto' ? null : draft.spaFallback === 'on',
    startTimeout: draft.startTimeout.trim() === '' ? START_TIMEOUT_SECONDS : Number(draft.startTimeout),
  }
}

const namedArguments = ({ buildArgs }: BuildDraft) => buildArgs.filter(({ name, value }) => name !== '' || value !== '')

export interface SettingChange {
  key: SettingKey
  label: string
  from: string
  to: string
}

/** What saving would change, in words. */
export function changesOf(stored: Stored, draft: BuildDraft): SettingChange[] {
  const after: BuildSettings = { ...stored.settings, ...settingsOf(draft) }
  const branch = draft.deployBranch.trim() || null
  return (Object.keys(SETTING_LABELS) as SettingKey[])
    .map((key) => ({
      key,
      label: SETTING_LABELS[key],
      from: describeSetting(key, stored.settings, stored.deployBranch),
      to: describeSetting(key, after, branch),
    }))
    .filter(({ from, to }) => from !== to)
}

/** The input that saves these changes and leaves all else alone: others may be editing it. */
export function inputOf(draft: BuildDraft, changes: readonly SettingChange[]) {
  const keys = new Set<string>(changes.map(({ key }) => key))
  const settings = Object.fromEntries(Object.entries(settingsOf(draft)).filter(([key]) => keys.has(key)))
  const deployBranch = draft.deployBranch.trim() || null
  return { settings: settings as BuildSettingsPatch, ...(keys.has('deployBranch') ? { deployBranch } : {}) }
}

const ANY_APP = { team: 'a', project: 'a', environment: 'a', app: 'a' }

/** What is wrong, by setting. */
export function problemsOf(draft: BuildDraft): Partial<Record<SettingKey, string>> {
  const deployBranch = draft.deployBranch.trim() || null
  const found = fieldErrors(updateSettingsInput, { ...ANY_APP, settings: settingsOf(draft), deployBranch })
  const problems: Partial<Record<SettingKey, string>> = {}
  for (const [path, message] of Object.entries(found)) {
    const key = settingOfPath(path)
    if (key) problems[key] ??= key === 'buildArgs' ? argumentProblem(draft, message) : message
  }
  const names = namedArguments(draft).map(({ name }) => name.trim())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) problems.buildArgs ??= `${twice} is listed twice.`
  return problems
}

/** `settings.buildVars.0` is about buildVars. Null for what is not a setting. */
export function settingOfPath(path: string): SettingKey | null {
  const name = path.replace(/^settings\./, '').split('.')[0] ?? ''
  return name in SETTING_LABELS ? (name as SettingKey) : null
}

function argumentProblem(draft: BuildDraft, message: string): string {
  const wrong = namedArguments(draft).find(({ name }) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name.trim()))
  return wrong
    ? `“${wrong.name}” is not a valid name: use letters, digits and underscores, and do not start with a digit.`
    : message
}
