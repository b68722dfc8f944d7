import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BuildSettings, buildSettingsSchema, endsByItself, isRouted, type ProcessesFile } from '@slipway/domain'
import { warnOfAppJson } from './app-json.ts'
import { detect } from './detect.ts'
import { readText } from './files.ts'
import { applySlugIgnore } from './ignore.ts'
import type { BaseImage } from './image/base.ts'
import { createPublisher, type PublisherOptions } from './image/publisher.ts'
import { BUILDS } from './languages/index.ts'
import { packLayers } from './layers.ts'
import type { BuildLog } from './log.ts'
import { APP_DIR, type BuildContext, type BuildResult } from './plan.ts'
import { startedBy, startsIn } from './process-file.ts'
import { type BuiltProcess, parseProcfile } from './procfile.ts'
import { NO_CREDENTIALS } from './registry/credentials.ts'
import { checkSource } from './source-checks.ts'
import { buildEnvironment } from './tool-environment.ts'
import { sizeOf } from './tree.ts'
import { WORK } from './work-dir.ts'

export interface BuildOptions
  extends Partial<Pick<PublisherOptions, 'credentials' | 'baseImages' | 'baseRepository' | 'identity'>> {
  /** The whole repository; it is changed by the build. */
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
  /** How the app is built; all defaults when absent. */
  settings?: BuildSettings
  /** What slipway.yaml says of processes. */
  processesFile?: ProcessesFile
  /** Config vars that the build may see, SOURCE_VERSION and the like. */
  vars?: Readonly<Record<string, string>>
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
const BOUNDED = new Set(['dependencies', 'layers', WORK])
/** A build of which nothing more is known: anonymous pushes, no bases. */
const UNKNOWN = { credentials: NO_CREDENTIALS, baseImages: {}, identity: { app: '', number: '0', commit: '' } }

/**
 * Builds a source tree into an image and pushes it.
 * @throws BuildFailure for what the source's owner can mend, any other error for what is ours
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { log, signal, cacheDir } = options
  await mkdir(cacheDir, { recursive: true })
  const { result, processes } = await buildTree(options)
  const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-layers-'))
  try {
    log.step('Packing the image')
    const publisher = createPublisher({ ...UNKNOWN, ...options })
    const base = await publisher.base(result.runtime.language, result.runtime.version)
    const layers = await packLayers(onBase(result, base), { cacheDir, scratch, signal })
    const { digest } = await publisher.push({ base, layers, settings: settingsOf(result, processes) })
    return { image: publisher.referenceOf(digest), digest, processes }
  } finally {
    await result.keep?.()
    await rm(scratch, { recursive: true, force: true })
    await boundCache(cacheDir)
  }
}

/** A base that has the very runtime that the app was built with needs no other. */
function onBase(result: BuildResult, base: BaseImage | null): BuildResult {
  const { language, version } = result.runtime
  const own = base?.config.config?.Env?.find((entry) => entry.startsWith(`${language.toUpperCase()}_VERSION=`))
  const isSame = version !== null && own?.split('=')[1] === version
  return isSame ? { ...result, runtime: { ...result.runtime, layer: null } } : result
}

/** Package caches grow with every version; what is installed and packed is bounded where it is kept. */
async function boundCache(cacheDir: string): Promise<void> {
  const names = (await readdir(cacheDir)).filter((name) => !BOUNDED.has(name))
  const sizes = await Promise.all(names.map((name) => sizeOf(path.join(cacheDir, name))))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= MAX_CACHE_BYTES) return
  for (const name of await readdir(cacheDir)) {
    if (name !== WORK) await rm(path.join(cacheDir, name), { recursive: true, force: true })
  }
}

/** Everything before the image: checks, detection, installing and building. */
async function buildTree(options: BuildOptions): Promise<{ result: BuildResult; processes: BuiltProcess[] }> {
  const { log, signal, sourceDir, cacheDir } = options
  const settings = options.settings ?? buildSettingsSchema.parse({})
  const dir = path.join(sourceDir, settings.rootDirectory)
  await applySlugIgnore(dir, log)
  const files = await listFiles(sourceDir)
  const detected = await detect({
    files,
    read: (name) => readText(sourceDir, name),
    // Whoever runs this has chosen the strategy already.
    settings: { ...settings, builder: 'native' },
  })
  await checkSource(sourceDir, files)
  const file = options.processesFile ?? {}
  const procfile = startsIn(file, await readProcfile(dir))
  await warnOfAppJson(dir, log)
  const context: BuildContext = {
    dir,
    repoDir: sourceDir,
    cacheDir,
    env: buildEnvironment(options.env, options.vars ?? {}, cacheDir),
    settings,
    procfile,
    log,
    signal,
  }
  const result = await BUILDS[detected.language ?? 'procfile'](context)
  const processes = startedBy(procfile ?? result.processes, file)
  log.step(`Processes: ${processes.map((each) => each.name).join(', ')}`)
  return { result, processes }
}

/** Names of all files, relative to the top, as git lists them. */
async function listFiles(top: string): Promise<string[]> {
  const entries = await readdir(top, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(top, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
}

async function readProcfile(dir: string): Promise<BuiltProcess[] | null> {
  const text = await readText(dir, 'Procfile')
  return text === null ? null : parseProcfile(text)
}

function settingsOf(result: BuildResult, processes: readonly BuiltProcess[]) {
  const main = processes.find(isRouted) ?? processes.find((each) => !endsByItself(each))
  const workingDir = path.posix.join('/', APP_DIR, result.workingDir)
  return { env: result.env, workingDir, command: main?.command ?? [] }
}
