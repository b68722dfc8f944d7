import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { BUILD_STRATEGIES, buildSettingsSchema, processFileSchema } from '@slipway/domain'
import { z } from 'zod'
import { parseJson } from './registry/json.ts'

const json = <T extends z.ZodType>(schema: T) =>
  z.preprocess((text) => (typeof text === 'string' && text !== '' ? parseJson(text) : {}), schema)
const optional = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional())

const schema = z.object({
  SOURCE_URL: z.url(),
  SOURCE_TOKEN: z.string().min(1),
  BUILD_ID: z.string().default(''),
  BUILD_NUMBER: z.string().default('0'),
  /** `team/project/environment/app` */
  APP_REF: z.string().default(''),
  BUILD_STRATEGY: z.enum(BUILD_STRATEGIES).default('native'),
  // A platform that is newer may send fields that this builder does not know.
  BUILD_SETTINGS: json(z.object(buildSettingsSchema.shape)),
  // What slipway.yaml says of processes.
  BUILD_PROCESSES: json(z.record(z.string(), z.object(processFileSchema.pick({ command: true, kind: true }).shape))),
  BUILD_VARS_DIR: optional,
  SOURCE_VERSION: z.string().default(''),
  SOURCE_BRANCH: z.string().default(''),
  REGISTRY_PUSH_URL: z.url({ protocol: /^https?$/ }),
  IMAGE_REPOSITORY: z.string().min(1),
  IMAGE_PREFIX: z.string().min(1),
  BASE_REPOSITORY: optional,
  DOCKER_CONFIG: optional,
  BASE_IMAGES: json(z.record(z.string(), z.string())),
  CACHE_KEY: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,127}$/i),
  SLIPWAY_BUILD_CACHE_DIR: z.string().min(1),
  TERMINATION_LOG: z.string().min(1),
  // Where volumes are on a local cluster that cannot mount them.
  SLIPWAY_VOLUME_VARS: optional,
  SLIPWAY_VOLUME_REGISTRY: optional,
})
export type BuilderEnv = z.infer<typeof schema>

/** What the tools of a build may see of this process's environment. */
const TOOLS =
  /^(PATH|LANG|LC_.*|TZ|TMPDIR|(https?|no|all)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|npm_config_registry|npm_config_cafile|npm_config_nodedir|PIP_INDEX_URL)$/i

/** Everything a build is told. */
export interface BuildEnvironment {
  build: BuilderEnv
  /** For tools: nothing secret of this process. */
  tools: Record<string, string>
  /** Config vars that the build sees, and where they are files; null: none. */
  vars: Record<string, string>
  varsDir: string | null
  /** Folder of the registry credentials; null: anonymous. */
  dockerConfig: string | null
  /** What every build may know of itself, as on Heroku. */
  facts: Record<string, string>
}

/**
 * Reads the environment of a build's pod.
 * @throws Error that names the variables that are wrong
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): BuildEnvironment {
  const parsed = schema.safeParse(source)
  if (!parsed.success) {
    throw new Error(
      `the build's environment is not complete: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
    )
  }
  const build = parsed.data
  const [, , environment = '', app = ''] = build.APP_REF.split('/')
  const varsDir = build.BUILD_VARS_DIR === undefined ? null : (build.SLIPWAY_VOLUME_VARS ?? build.BUILD_VARS_DIR)
  return {
    build,
    tools: toolEnvironment(source),
    vars: varsDir === null ? {} : readVars(varsDir),
    varsDir,
    dockerConfig: build.DOCKER_CONFIG === undefined ? null : (build.SLIPWAY_VOLUME_REGISTRY ?? build.DOCKER_CONFIG),
    facts: {
      SOURCE_VERSION: build.SOURCE_VERSION,
      SOURCE_BRANCH: build.SOURCE_BRANCH,
      SLIPWAY_COMMIT: build.SOURCE_VERSION,
      SLIPWAY_BRANCH: build.SOURCE_BRANCH,
      SLIPWAY_APP: app,
      SLIPWAY_ENVIRONMENT: environment,
    },
  }
}

/** One file a config var; what begins with two dots is how Kubernetes swaps a volume's content. */
function readVars(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => !name.startsWith('..'))
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(dir, name), 'utf8')]))
}

/** What the tools of a build may see of an environment: where programs are, languages, proxies and certificates. */
export function toolEnvironment(source: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined && TOOLS.test(entry[0])),
  )
}
