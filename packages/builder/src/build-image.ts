import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { BuildFailure } from './failure.ts'
import { readText } from './files.ts'
import { detectLanguage } from './languages/all.ts'
import type { BuildLog } from './log.ts'
import { type Layer, packLayer } from './pack.ts'
import type { BuildResult } from './plan.ts'
import { type BuiltProcess, parseProcfile } from './procfile.ts'
import { pushImage } from './push.ts'
import { listTree, sizeOf } from './tree.ts'

export interface BuildOptions {
  /** The source tree; it is changed by the build. */
  sourceDir: string
  /** Kept between builds of the same app. */
  cacheDir: string
  /** Origin of the registry that takes the image. */
  registryUrl: string
  /** Repository in it, `acme/shop-web`. */
  repository: string
  /** How the registry is called in the image's reference. */
  imagePrefix: string
  /** What tools are given: PATH, proxies; nothing secret of the host. */
  env: Readonly<Record<string, string>>
  signal: AbortSignal
  log: BuildLog
}

export interface BuiltImage {
  /** Reference by digest. */
  image: string
  digest: string
  processes: BuiltProcess[]
}

/** Caches beyond this are dropped after the build. */
const MAX_CACHE_BYTES = 2 * 1024 ** 3
const LABELS = { 'dev.slipway.runtime': 'process/1' }

/**
 * Builds a source tree into an image and pushes it.
 * @throws BuildFailure for what the source's owner can mend, any other error for what is ours
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { log, signal, sourceDir } = options
  const language = await detectLanguage(sourceDir)
  log.step(`${language.name} app detected`.replace('site app', 'site').replace('Procfile app', 'Procfile'))
  await mkdir(options.cacheDir, { recursive: true })
  const result = await language.build({
    dir: sourceDir,
    cacheDir: options.cacheDir,
    env: toolEnv(options),
    log,
    signal,
  })
  const processes = await processesOf(sourceDir, result, log)
  const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-layers-'))
  try {
    log.step('Packing the image')
    const layers = await packLayers(sourceDir, result.dependencyDirs, scratch, signal)
    const sizeMiB = layers.reduce((total, layer) => total + layer.sizeBytes, 0) / 1024 ** 2
    const digest = await pushImage(
      options.registryUrl,
      options.repository,
      layers,
      settingsOf(result, processes),
      signal,
    )
    log.line(`${sizeMiB.toFixed(1)} MiB, ${digest.slice(0, 'sha256:'.length + 12)}`)
    return { image: `${options.imagePrefix}/${options.repository}@${digest}`, digest, processes }
  } finally {
    await rm(scratch, { recursive: true, force: true })
    if ((await sizeOf(options.cacheDir)) > MAX_CACHE_BYTES) await rm(options.cacheDir, { recursive: true, force: true })
  }
}

function toolEnv({ env, cacheDir }: BuildOptions): Record<string, string> {
  return {
    ...env,
    HOME: path.join(cacheDir, 'home'),
    CI: 'true',
    NODE_ENV: 'production',
    npm_config_cache: path.join(cacheDir, 'npm'),
    YARN_CACHE_FOLDER: path.join(cacheDir, 'yarn'),
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}

async function processesOf(dir: string, result: BuildResult, log: BuildLog): Promise<BuiltProcess[]> {
  const procfile = await readText(dir, 'Procfile')
  if (procfile === null) {
    if (result.processes !== null) return result.processes
    throw new BuildFailure(
      `Slipway does not know how to start this app. ${result.missing}`,
      'Add a Procfile with a line such as "web: node server.js", and push again.',
    )
  }
  const { processes, release } = parseProcfile(procfile)
  if (release !== null) log.warning('The Procfile has a release process. Slipway does not run it yet.')
  log.step(`Processes: ${processes.map((each) => each.name).join(', ')}`)
  return processes
}

function settingsOf(result: BuildResult, processes: readonly BuiltProcess[]) {
  const main = processes.find((each) => each.kind === 'web') ?? processes[0]
  return { env: result.env, workingDir: '/app', command: main?.command ?? [], labels: LABELS }
}

/** Dependencies in a layer of their own: it is the same as long as they are, and then not sent again. */
async function packLayers(
  dir: string,
  dependencyDirs: readonly string[],
  scratch: string,
  signal: AbortSignal,
): Promise<Layer[]> {
  const isDependency = (name: string) => dependencyDirs.some((each) => name === each || name.startsWith(`${each}/`))
  const entries = await listTree(dir)
  const groups = [
    entries.filter((entry) => isDependency(entry.name)),
    entries.filter((entry) => !isDependency(entry.name)),
  ]
  const layers: Layer[] = []
  for (const [index, group] of groups.entries()) {
    if (group.length > 0) layers.push(await packLayer(dir, group, 'app', path.join(scratch, `${index}.tar.gz`), signal))
  }
  return layers
}
