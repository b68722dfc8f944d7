import { z } from 'zod'
import { IMAGE_UID, type Layer } from '../pack.ts'
import { PLATFORM } from '../registry/manifest.ts'

/** What an image says of how it runs. Reference: https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageSettings {
  /** Replaces what the base says under the same name; entries of `PATH` go before the base's. */
  env: Record<string, string>
  workingDir: string
  /** argv of the main process. */
  command: string[]
}

/** The parts of an image's configuration that are read; all others stay as they are. */
export const imageConfigSchema = z.looseObject({
  architecture: z.string().optional(),
  os: z.string().optional(),
  config: z
    .looseObject({
      Env: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  rootfs: z.looseObject({ diff_ids: z.array(z.string()) }).optional(),
  history: z.array(z.unknown()).nullish(),
})
export type ImageConfig = z.infer<typeof imageConfigSchema>

/** Settings of a base's own programs, which are not the app's: entrypoints, health checks, ports, volumes, build triggers. */
const DROPPED = [
  'Entrypoint',
  'Healthcheck',
  'ExposedPorts',
  'Volumes',
  'OnBuild',
  'StopSignal',
  'Shell',
  'ArgsEscaped',
]
const OUR_HISTORY = 'slipway'

/** What runtimes take where an image names no PATH, which ours always does. */
const RUNTIME_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Configuration of the image: the base's, with ours over it. The app runs as user 1000 and never through the base's
 * entrypoint. The same input gives the same bytes.
 */
export function mergeConfig(
  base: ImageConfig | null,
  layers: readonly Pick<Layer, 'diffId'>[],
  { env, workingDir, command }: ImageSettings,
  labels: Readonly<Record<string, string>>,
): ImageConfig {
  const inherited = Object.fromEntries(Object.entries(base?.config ?? {}).filter(([key]) => !DROPPED.includes(key)))
  const { created: _created, container: _container, container_config: _build, ...rest } = base ?? {}
  const history = base?.history ?? []
  return {
    ...rest,
    ...PLATFORM,
    config: {
      ...inherited,
      User: `${IMAGE_UID}:${IMAGE_UID}`,
      Env: mergeEnv(base?.config?.Env ?? [], env, base === null ? '' : RUNTIME_PATH),
      WorkingDir: workingDir,
      Cmd: command,
      Labels: { ...base?.config?.Labels, ...labels },
    },
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs?.diff_ids ?? []), ...layers.map((layer) => layer.diffId)] },
    // A history that names fewer layers than there are is refused by some readers.
    ...(history.length === 0
      ? {}
      : { history: [...history, ...layers.map(() => ({ created_by: OUR_HISTORY, created: '1970-01-01T00:00:00Z' }))] }),
  }
}

/** `NAME=value` of both, in an order that does not change. */
function mergeEnv(base: readonly string[], ours: Readonly<Record<string, string>>, defaultPath: string): string[] {
  const nameOf = (entry: string) => entry.split('=', 1)[0] ?? ''
  const kept = base.filter((entry) => !(nameOf(entry) in ours))
  const basePath = base.find((entry) => nameOf(entry) === 'PATH')?.slice('PATH='.length)
  const added = Object.entries(ours).map(([name, value]) =>
    name === 'PATH' ? `PATH=${joinPath(value, basePath ?? defaultPath)}` : `${name}=${value}`,
  )
  return [...kept, ...added]
}

const joinPath = (...paths: string[]) =>
  [...new Set(paths.flatMap((each) => each.split(':')).filter(Boolean))].join(':')
