import { buildImage } from './build-image.ts'
import type { BuildEnvironment } from './env.ts'
import { createPublisher } from './image/publisher.ts'
import type { BuildLog } from './log.ts'
import { reported } from './process-file.ts'
import { readCredentials } from './registry/credentials.ts'
import { buildWithBuildpacks } from './strategies/buildpacks.ts'
import { buildDockerfile } from './strategies/dockerfile/index.ts'
import type { ImageProcess, StrategyContext, StrategyResult } from './strategies/strategy.ts'

/** Where this build works. */
export interface BuildPlaces {
  sourceDir: string
  scratchDir: string
  cacheDir: string
}

type ByOthers = Exclude<BuildEnvironment['build']['BUILD_STRATEGY'], 'native'>
const BY_OTHERS: Record<ByOthers, (context: StrategyContext) => Promise<StrategyResult>> = {
  dockerfile: buildDockerfile,
  buildpacks: buildWithBuildpacks,
}

/** Builds an unpacked source as its strategy says and pushes the image. */
export async function buildSource(
  environment: BuildEnvironment,
  { sourceDir, scratchDir, cacheDir }: BuildPlaces,
  log: BuildLog,
  signal: AbortSignal,
): Promise<{ image: string; processes: ImageProcess[] }> {
  const { build, tools, vars, varsDir, dockerConfig, facts } = environment
  const credentials = await readCredentials(dockerConfig)
  const identity = { app: build.APP_REF, number: build.BUILD_NUMBER, commit: build.SOURCE_VERSION }
  const { BUILD_SETTINGS: settings, BUILD_PROCESSES: processesFile } = build
  const destination = {
    registryUrl: build.REGISTRY_PUSH_URL,
    repository: build.IMAGE_REPOSITORY,
    imagePrefix: build.IMAGE_PREFIX,
    baseRepository: build.BASE_REPOSITORY,
    credentials,
    baseImages: build.BASE_IMAGES,
    identity,
  }
  if (build.BUILD_STRATEGY === 'native') {
    const all = { ...facts, ...vars }
    const options = { ...destination, sourceDir, cacheDir, env: tools, settings, processesFile }
    const { image, processes } = await buildImage({ ...options, vars: all, signal, log })
    return { image, processes: reported(processes, processesFile) }
  }
  const publisher = createPublisher({ ...destination, signal, log })
  const context = {
    sourceDir,
    scratchDir,
    cacheDir,
    settings,
    processesFile,
    identity,
    vars,
    varsDir,
    facts,
    dockerConfig,
    signal,
    log,
  }
  const { target } = publisher
  const { digest, processes } = await BY_OTHERS[build.BUILD_STRATEGY]({ ...context, target, env: tools })
  return { image: publisher.referenceOf(digest), processes: reported(processes, processesFile) }
}
