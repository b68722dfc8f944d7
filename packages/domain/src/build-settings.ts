import { z } from 'zod'
import { configKeySchema } from './names.ts'
import { plainLine } from './plain-text.ts'
import { START_TIMEOUT_SECONDS, startTimeoutSchema } from './process.ts'
import { processesFileSchema } from './process-file.ts'

/** How source becomes an image. `native` is Slipway's own builder for the languages it knows. */
export const BUILD_STRATEGIES = ['native', 'dockerfile', 'buildpacks'] as const
export type BuildStrategy = (typeof BUILD_STRATEGIES)[number]

/** What an app may ask for: one strategy, or `automatic`, which chooses by what the tree holds. */
export const BUILDERS = ['automatic', ...BUILD_STRATEGIES] as const
export type Builder = (typeof BUILDERS)[number]

/** A path below the repository: relative, with `/`, without `..`; empty is the top. */
const sourcePathSchema = z
  .string()
  .trim()
  .max(500)
  .transform((path) => path.replace(/^(?:\.?\/)+|\/+$/g, '').replace(/^\.$/, ''))
  .refine(
    (path) => !path.split('/').includes('..') && !/[\0\\]/.test(path),
    'Use a path inside the repository, such as apps/web.',
  )

/** A git branch (git-check-ref-format(1), without the rarest cases). */
export const branchSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?!-)(?!.*\.\.)[^\s~^:?*[\\]+$/, 'This is not a branch name.')
  .refine((name) => plainLine(name) === name, 'This is not a branch name.')

/** A config var by name, or all with a prefix: `SENTRY_DSN`, `NEXT_PUBLIC_*`. Never all: `*` alone is refused. */
export const buildVarPatternSchema = z
  .string()
  .max(129)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, 'Name a config var, or a prefix with an asterisk, such as NEXT_PUBLIC_*.')

const buildArgsSchema = z
  .record(configKeySchema, z.string().max(4096))
  .refine((args) => Object.keys(args).length <= 100, 'Use at most 100 build arguments.')

const dockerfilePathSchema = sourcePathSchema.refine((path) => path !== '', 'Name the Dockerfile, such as Dockerfile.')
const targetSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'Name a stage of the Dockerfile, such as runtime.')
const buildVarsSchema = z.array(buildVarPatternSchema).max(50, 'Name at most 50 config vars and prefixes.')

const fields = {
  /** Folder of the app in its repository (monorepo). */
  rootDirectory: sourcePathSchema,
  builder: z.enum(BUILDERS),
  /** Path of the Dockerfile below the root directory. */
  dockerfile: dockerfilePathSchema,
  /** Stage of the Dockerfile to build; null: the last one. */
  dockerfileTarget: targetSchema.nullable(),
  /** ARG values of the Dockerfile. They stay in the image's history: never secrets. */
  buildArgs: buildArgsSchema,
  /** Config vars that the build sees. */
  buildVars: buildVarsSchema,
  /** Static sites: answer unknown paths with index.html. Null: as the framework's output suggests. */
  spaFallback: z.boolean().nullable(),
  /** A web process has this long to listen on PORT, in seconds. Not of the build, but of the releases that follow. */
  startTimeout: startTimeoutSchema,
}

/** How an app is built. Every field has a default, so `{}` is a whole value. */
export const buildSettingsSchema = z.strictObject({
  rootDirectory: fields.rootDirectory.default(''),
  builder: fields.builder.default('automatic'),
  dockerfile: fields.dockerfile.default('Dockerfile'),
  dockerfileTarget: fields.dockerfileTarget.default(null),
  buildArgs: fields.buildArgs.default({}),
  buildVars: fields.buildVars.default([]),
  spaFallback: fields.spaFallback.default(null),
  startTimeout: fields.startTimeout.default(START_TIMEOUT_SECONDS),
  /** Raised to clear the build cache: part of the cache's key. */
  cacheVersion: z.number().int().min(0).max(1_000_000).default(0),
})
export type BuildSettings = z.infer<typeof buildSettingsSchema>

/** What a person changes of the settings: what is not named stays. */
export const buildSettingsPatchSchema = z.strictObject(fields).partial()
export type BuildSettingsPatch = z.infer<typeof buildSettingsPatchSchema>

/** The `build:` part of slipway.yaml: what it names wins over the app's settings. */
const buildFileSchema = z.strictObject({
  builder: fields.builder
    .optional()
    .describe('How source becomes an image. automatic: a Dockerfile if there is one, else by language.'),
  dockerfile: dockerfilePathSchema.optional().describe('Path of the Dockerfile below the root directory.'),
  target: targetSchema.optional().describe('Stage of the Dockerfile to build. Default: the last one.'),
  args: buildArgsSchema
    .optional()
    .describe('ARG values of the Dockerfile. They stay in the image’s history: never put secrets here.'),
  vars: buildVarsSchema
    .optional()
    .describe('Config vars that the build sees: names, or prefixes with an asterisk such as NEXT_PUBLIC_*.'),
  spaFallback: z.boolean().optional().describe('Static sites: answer unknown paths with index.html.'),
})

/** slipway.yaml, at the top of the app's root directory. */
export const slipwayFileSchema = z.strictObject({
  build: buildFileSchema.optional().describe('How this app is built. Wins over the settings of the app.'),
  startTimeout: fields.startTimeout
    .optional()
    .describe('A web process has this long to listen on PORT, in seconds. Wins over the settings of the app.'),
  processes: processesFileSchema
    .optional()
    .describe('How the app runs, by name of the process. Wins over the Procfile; what only this file names is added.'),
})
export type SlipwayFile = z.infer<typeof slipwayFileSchema>

/** True when a pattern of `buildVars` names the config var. */
export function isBuildVar(patterns: readonly string[], key: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern))
}

/** Settings of one build: the app's, with what its slipway.yaml says instead. */
export function effectiveSettings(settings: BuildSettings, file: SlipwayFile | null): BuildSettings {
  const build = file?.build ?? {}
  return {
    ...settings,
    startTimeout: file?.startTimeout ?? settings.startTimeout,
    builder: build.builder ?? settings.builder,
    dockerfile: build.dockerfile ?? settings.dockerfile,
    dockerfileTarget: build.target ?? settings.dockerfileTarget,
    buildArgs: build.args ?? settings.buildArgs,
    buildVars: build.vars ?? settings.buildVars,
    spaFallback: build.spaFallback ?? settings.spaFallback,
  }
}
