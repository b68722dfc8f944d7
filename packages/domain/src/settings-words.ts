import type { Builder, BuildSettings, SlipwayFile } from './build-settings.ts'
import { sizeInFile } from './process-file.ts'
import { describeOption, OPTION_KEYS } from './process-options.ts'
import { describeSize } from './sizes.ts'

/** Names of the builders, as every page and command calls them. */
export const BUILDER_LABELS: Record<Builder, string> = {
  automatic: 'Automatic',
  native: 'Native',
  dockerfile: 'Dockerfile',
  buildpacks: 'Buildpacks',
}

/** What each builder does, one sentence. */
export const BUILDER_HINTS: Record<Builder, string> = {
  automatic: 'Uses the Dockerfile where there is one, otherwise the language found in the source.',
  native: 'Slipway’s own builder for the languages it knows. Ignores a Dockerfile.',
  dockerfile: 'Builds the Dockerfile of the repository.',
  buildpacks: 'Cloud Native Buildpacks with Heroku’s builder.',
}

/** Names of the settings, as every page and command calls them. */
export const SETTING_LABELS = {
  rootDirectory: 'Root directory',
  deployBranch: 'Deployed branch',
  builder: 'Builder',
  dockerfile: 'Dockerfile',
  dockerfileTarget: 'Target stage',
  buildArgs: 'Build arguments',
  buildVars: 'Config vars in the build',
  spaFallback: 'SPA fallback',
  startTimeout: 'Start timeout',
} as const
export type SettingKey = keyof typeof SETTING_LABELS

/** The value of one setting in words. */
export function describeSetting(key: SettingKey, settings: BuildSettings, deployBranch: string | null): string {
  switch (key) {
    case 'rootDirectory':
      return settings.rootDirectory || 'top of the repository'
    case 'deployBranch':
      return deployBranch ?? 'chosen by the first push'
    case 'builder':
      return BUILDER_LABELS[settings.builder]
    case 'dockerfile':
      return settings.dockerfile
    case 'dockerfileTarget':
      return settings.dockerfileTarget ?? 'the last stage'
    case 'buildArgs':
      return describeArgs(settings.buildArgs)
    case 'buildVars':
      return settings.buildVars.join(', ') || 'none'
    case 'spaFallback':
      return settings.spaFallback === null ? 'as the framework suggests' : settings.spaFallback ? 'on' : 'off'
    case 'startTimeout':
      return `${settings.startTimeout} s`
  }
}

function describeArgs(args: Readonly<Record<string, string>>): string {
  return (
    Object.entries(args)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ') || 'none'
  )
}

/** Settings that say something under this builder: those of the Dockerfile only where one may be built. */
export function settingsOfBuilder(builder: Builder): SettingKey[] {
  const all = Object.keys(SETTING_LABELS) as SettingKey[]
  const ofDockerfile: readonly SettingKey[] = ['dockerfile', 'dockerfileTarget', 'buildArgs']
  if (builder === 'automatic') return all
  if (builder === 'dockerfile') return all.filter((key) => key !== 'spaFallback')
  return all.filter((key) => !ofDockerfile.includes(key))
}

/** What slipway.yaml sets of one process, in words such as "command, size small"; null where it says nothing of it. */
export function describeProcessFile(file: SlipwayFile, process: string): string | null {
  const said = file.processes?.[process]
  if (said === undefined) return null
  const size = sizeInFile(said)
  const parts = [
    ...(said.command === undefined ? [] : ['command']),
    ...(said.kind === undefined ? [] : [`kind ${said.kind}`]),
    ...(size === null ? [] : [`size ${describeSize(size)}`]),
    ...(said.instances === undefined ? [] : [`${said.instances} to begin with`]),
    ...OPTION_KEYS.filter((key) => said[key] !== undefined).map((key) => describeOption(key, said)),
  ]
  return parts.length === 0 ? null : parts.join(', ')
}

/** What a slipway.yaml sets, in words, by the setting it replaces; empty when it sets none. */
export function describeSlipwayFile(file: SlipwayFile): Partial<Record<SettingKey, string>> {
  const { builder, dockerfile, target, args, vars, spaFallback } = file.build ?? {}
  return {
    ...(builder === undefined ? {} : { builder: BUILDER_LABELS[builder] }),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    ...(target === undefined ? {} : { dockerfileTarget: target }),
    ...(args === undefined ? {} : { buildArgs: describeArgs(args) }),
    ...(vars === undefined ? {} : { buildVars: vars.join(', ') || 'none' }),
    ...(spaFallback === undefined ? {} : { spaFallback: spaFallback ? 'on' : 'off' }),
    ...(file.startTimeout === undefined ? {} : { startTimeout: `${file.startTimeout} s` }),
  }
}
