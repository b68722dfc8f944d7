import { z } from 'zod'
import { branchSchema, buildSettingsPatchSchema } from '../build-settings.ts'
import { GIT_HOSTS } from '../delivery-status.ts'
import { configKeySchema, hostnameSchema, RESERVED_CONFIG_KEYS, slugSchema } from '../names.ts'
import { processDefinitionSchema, processScaleSchema } from '../process.ts'
import { sizeSchema } from '../process-file.ts'
import { processOptionsPatchSchema } from '../process-options.ts'
import { appRefSchema, environmentRefSchema, releaseRefSchema } from '../refs.ts'
import { MAX_SCALE_RULES, scaleRuleSchema } from '../scale-rules.ts'
import { pageInput } from './team.ts'

/** An OCI image reference: `[host[:port]/]name[:tag][@sha256:…]`. */
const imageReferenceSchema = z
  .string()
  .trim()
  .min(1, 'Enter an image, such as nginx:1.29 or ghcr.io/acme/shop@sha256:….')
  .max(512)
  .regex(
    /^(?:[a-zA-Z0-9.-]+(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?$/,
    'This is not an image reference. Use one such as nginx:1.29 or ghcr.io/acme/shop@sha256:….',
  )

/** The shell line of a process, run by `sh -c`; empty means the image's own command. */
const commandLineSchema = z.string().trim().max(8192)

/** app.create. With source `git` nothing runs until the first push; with `image` the first release is made at once. */
export const createAppInput = environmentRefSchema.extend({
  // Not newSlugSchema: below an environment no address is ours, and apps are often called api, docs or admin.
  app: slugSchema,
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('git') }),
    z.object({
      kind: z.literal('image'),
      image: imageReferenceSchema,
      command: commandLineSchema.optional(),
      /** Of its web process; not given: micro. */
      size: sizeSchema.optional(),
    }),
  ]),
  /** How it is built, where that differs from the defaults. */
  settings: buildSettingsPatchSchema.default({}),
})
/** app.updateSettings: what is not named stays. `deployBranch` null lets the next push choose it. */
export const updateSettingsInput = appRefSchema.extend({
  settings: buildSettingsPatchSchema.default({}),
  deployBranch: branchSchema.nullable().optional(),
})
export const deleteAppInput = appRefSchema.extend({ confirm: z.string() })

/** release.deployImage: a new release of an image, with the app's config. */
export const deployImageInput = appRefSchema.extend({
  image: imageReferenceSchema,
  processes: z.array(processDefinitionSchema).min(1).max(20).optional(),
  command: commandLineSchema.optional(),
})

const releaseNumber = z.number().int().min(1).max(2_147_483_647)
/** release.diff and release.revealDiff: what changes from one release to another, whichever is newer. */
export const releaseDiffInput = appRefSchema.extend({ from: releaseNumber, to: releaseNumber })

/** release.promote and what goes before it: a release of this app to the app of its name in the environment `to`. */
export const promoteInput = appRefSchema.extend({ release: releaseNumber, to: slugSchema })

/** app.scale: every named process gets the given count and size; others stay. */
export const scaleInput = appRefSchema.extend({
  processes: z
    .array(processScaleSchema.partial().extend({ name: slugSchema }))
    .min(1)
    .max(20),
})

/** app.configureProcess: health check, stop and drain times of one process. */
export const configureProcessInput = appRefSchema.extend({ process: slugSchema, options: processOptionsPatchSchema })

/** scaling.setRules: the whole schedule of a process; an empty one leaves the count to people. */
export const setScaleRulesInput = appRefSchema.extend({
  process: slugSchema,
  rules: z
    .array(scaleRuleSchema)
    .max(MAX_SCALE_RULES, `A schedule can have at most ${MAX_SCALE_RULES} rules.`)
    .refine(
      (rules) => new Set(rules.map(({ cron, timeZone }) => `${cron} ${timeZone}`)).size === rules.length,
      'Two rules have the same time. Remove one of them.',
    ),
})

/** app.restart: one instance, one process, or all of the app. */
export const restartInput = appRefSchema.extend({
  process: slugSchema.optional(),
  instance: z.string().min(1).max(253).optional(),
})

const configValue = z.string().max(32_768, 'A value can be at most 32 KiB.')
/** config.update: set and unset in one step, one release. */
export const applyConfigInput = appRefSchema.extend({
  set: z
    .record(
      configKeySchema.refine((key) => !RESERVED_CONFIG_KEYS.has(key), 'Slipway sets this variable itself.'),
      configValue,
    )
    .default({}),
  unset: z.array(configKeySchema).max(200).default([]),
})
export const revealConfigInput = appRefSchema.extend({ key: configKeySchema })

export const addDomainInput = appRefSchema.extend({ hostname: hostnameSchema })
export const checkDomainInput = appRefSchema.extend({ hostname: hostnameSchema })
/** domain.remove: whatever was taken once can be given up. */
export const removeDomainInput = appRefSchema.extend({ hostname: z.string().toLowerCase().max(253) })

/** source.connect: the repository whose pushes deploy this app. Answers the webhook's address and secret. */
export const connectSourceInput = appRefSchema.extend({
  host: z.enum(GIT_HOSTS),
  repositoryUrl: z.url({ protocol: /^https?$/, error: 'Enter the http(s) address to clone from.' }).max(500),
  branch: branchSchema.default('main'),
  /** Token for private repositories; kept encrypted, never shown again. */
  accessToken: z.string().max(500).optional(),
})

export const appPageInput = appRefSchema.extend(pageInput.shape)
export const appListInput = z.object({
  team: slugSchema.optional(),
  project: slugSchema.optional(),
  environment: slugSchema.optional(),
})

/**
 * live.logs: `process` and `instance` narrow the stream; the last `tail` lines come first, or with `since` the first `tail`
 * lines from that time on.
 */
export const followLogsInput = appRefSchema.extend({
  process: slugSchema.optional(),
  instance: z.string().max(253).optional(),
  tail: z.number().int().min(0).max(10_000).default(1000),
  since: z.iso.datetime({ offset: true, error: 'Enter a time such as 2026-11-29T14:30:00Z.' }).optional(),
  /** Given by the client library after a reconnect: the id of the last batch it saw. */
  lastEventId: z.string().max(8000).nullish(),
})
export const logsInput = followLogsInput.omit({ lastEventId: true })
export const followBuildInput = appRefSchema.extend({
  build: z.number().int().min(1),
  lastEventId: z.string().max(400).nullish(),
})

/** live.release: the output of a release's command. */
export const followReleaseInput = releaseRefSchema.extend({ lastEventId: z.string().max(400).nullish() })
