import {
  AppError,
  BUILDERS,
  type Builder,
  type BuildSettings,
  type BuildSettingsPatch,
  START_TIMEOUT_SECONDS,
} from '@slipway/domain'

/** What `slipway settings set` changes. Keys are those of slipway.yaml, and `root` and `branch`. */
export const SETTING_NAMES = [
  'root', 'branch', 'builder', 'dockerfile', 'target', 'arg.NAME', 'vars', 'spaFallback', 'startTimeout',
] as const // biome-ignore format: one list

const HOW = `Settings are: ${SETTING_NAMES.join(', ')}.`

export interface SettingsEdit {
  settings: BuildSettingsPatch
  deployBranch?: string | null
}

function builderOf(text: string): Builder {
  const found = BUILDERS.find((each) => each === text.toLowerCase())
  if (!found) throw new AppError('invalid_input', `"${text}" is not a builder. Builders are: ${BUILDERS.join(', ')}.`)
  return found
}

function switchOf(text: string): boolean | null {
  const value = { on: true, true: true, yes: true, off: false, false: false, no: false, auto: null }[text.toLowerCase()]
  if (value === undefined) throw new AppError('invalid_input', `spaFallback is on, off or auto, not "${text}".`)
  return value
}

function secondsOf(text: string): number {
  const [, seconds] = /^(\d+)s?$/.exec(text) ?? []
  if (seconds === undefined) throw new AppError('invalid_input', `startTimeout is a number of seconds, not "${text}".`)
  return Number(seconds)
}

const listOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function setOne(edit: SettingsEdit, present: BuildSettings, name: string, value: string): void {
  const { settings } = edit
  if (name.startsWith('arg.')) {
    settings.buildArgs = { ...(settings.buildArgs ?? present.buildArgs), [name.slice('arg.'.length)]: value }
    return
  }
  switch (name) {
    case 'root':
      settings.rootDirectory = value
      return
    case 'branch':
      edit.deployBranch = value
      return
    case 'builder':
      settings.builder = builderOf(value)
      return
    case 'dockerfile':
      settings.dockerfile = value
      return
    case 'target':
      settings.dockerfileTarget = value
      return
    case 'vars':
      settings.buildVars = listOf(value)
      return
    case 'spaFallback':
      settings.spaFallback = switchOf(value)
      return
    case 'startTimeout':
    case 'start-timeout':
      settings.startTimeout = secondsOf(value)
      return
    default:
      throw new AppError('invalid_input', `There is no setting ${name}. ${HOW}`)
  }
}

/** "root=apps/web builder=dockerfile" as a change of the present settings. Throws `invalid_input`. */
export function settingsToSet(present: BuildSettings, assignments: readonly [string, string][]): SettingsEdit {
  const edit: SettingsEdit = { settings: {} }
  for (const [name, value] of assignments) setOne(edit, present, name, value)
  return edit
}

/** "root target arg.NODE_ENV": back to the defaults. Throws `invalid_input`. */
export function settingsToUnset(present: BuildSettings, names: readonly string[]): SettingsEdit {
  const edit: SettingsEdit = { settings: {} }
  const { settings } = edit
  for (const name of names) {
    const argument = name.startsWith('arg.') ? name.slice('arg.'.length) : null
    if (argument !== null) settings.buildArgs = withoutArgument(settings.buildArgs ?? present.buildArgs, argument)
    else if (name === 'branch') edit.deployBranch = null
    else Object.assign(settings, defaultOf(name))
  }
  return edit
}

function withoutArgument(args: Readonly<Record<string, string>>, name: string): Record<string, string> {
  if (args[name] === undefined) throw new AppError('not_found', `The build argument ${name} is not set.`)
  return Object.fromEntries(Object.entries(args).filter(([each]) => each !== name))
}

function defaultOf(name: string): BuildSettingsPatch {
  const patch = DEFAULTS.get(name)
  if (!patch) throw new AppError('invalid_input', `There is no setting ${name}. ${HOW}`)
  return patch
}

const DEFAULTS: ReadonlyMap<string, BuildSettingsPatch> = new Map<string, BuildSettingsPatch>([
  ['root', { rootDirectory: '' }],
  ['builder', { builder: 'automatic' }],
  ['dockerfile', { dockerfile: 'Dockerfile' }],
  ['target', { dockerfileTarget: null }],
  ['vars', { buildVars: [] }],
  ['spaFallback', { spaFallback: null }],
  ['startTimeout', { startTimeout: START_TIMEOUT_SECONDS }],
  ['start-timeout', { startTimeout: START_TIMEOUT_SECONDS }],
])
