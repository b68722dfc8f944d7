import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { defaultKindOf, endsByItself } from '@slipway/domain'
import { z } from 'zod'
import { causeOf } from '../causes/index.ts'
import { BuildFailure } from '../failure.ts'
import { isFile } from '../files.ts'
import type { ImageConfig } from '../image/config.ts'
import { inspectImage } from '../image/inspect.ts'
import { labelsOf } from '../image/labels.ts'
import { parseJson } from '../registry/json.ts'
import { run } from '../run.ts'
import type { ImageProcess, StrategyContext, StrategyResult } from './strategy.ts'

/** Part of every builder image. */
const CREATOR = '/cnb/lifecycle/creator'
const PLATFORM_API = '0.12'
const TAIL_LINES = 400
const PROCESSES_LABEL = 'io.buildpacks.build.metadata'
const REPORTED_DIGEST = /^\s*digest\s*=\s*"(sha256:[a-f0-9]{64})"/m

const processesSchema = z.object({
  processes: z.array(z.object({ type: z.string().regex(/^[A-Za-z0-9._-]+$/) })).default([]),
})

/** Folders of one build by the lifecycle; the image has the first two under the same names. */
export interface LifecyclePlaces {
  app: string
  layers: string
  platform: string
  report: string
}

/**
 * Builds with Cloud Native Buildpacks: the lifecycle's creator in a builder image, without privilege.
 * Reference: https://github.com/buildpacks/spec/blob/main/platform.md#creator
 */
export async function buildWithBuildpacks(context: StrategyContext): Promise<StrategyResult> {
  if (!(await isFile('/', CREATOR))) {
    throw new BuildFailure(
      'This app needs buildpacks, and they are not installed where this build runs.',
      'Add a Dockerfile, or let a cluster build it whose SLIPWAY_BUILDER_IMAGE has the buildpacks lifecycle.',
    )
  }
  const places = await preparePlaces(context)
  context.log.step('Building with buildpacks')
  const tail: string[] = []
  const log = {
    ...context.log,
    line(text: string) {
      if (tail.push(text) > TAIL_LINES) tail.shift()
      context.log.line(text)
    },
  }
  const { signal } = context
  const env = creatorEnvironment(context)
  const code = await run(CREATOR, creatorArguments(context, places), { cwd: places.app, env, signal, log })
  if (code !== 0) {
    const { cause, action } = causeOf(tail, { title: 'the lifecycle', code })
    throw new BuildFailure(`Building with buildpacks failed: ${cause}.`, action ?? 'Correct it and push again.')
  }
  const digest = reportedDigest(await readFile(places.report, 'utf8'))
  const config = await inspectImage(context.target, context.target.repository, digest)
  return { digest, processes: processesOf(config) }
}

async function preparePlaces({ cacheDir, scratchDir, sourceDir, settings, vars, facts, identity }: StrategyContext) {
  const places: LifecyclePlaces = {
    app: path.join(cacheDir, 'workspace'),
    layers: path.join(cacheDir, 'layers'),
    platform: path.join(scratchDir, 'platform'),
    report: path.join(scratchDir, 'report.toml'),
  }
  await mkdir(path.join(places.platform, 'env'), { recursive: true })
  await mkdir(places.layers, { recursive: true })
  await cp(path.join(sourceDir, settings.rootDirectory), places.app, { recursive: true, verbatimSymlinks: true })
  // Buildpacks see what is in this folder; nothing of it ends in the image.
  const labels = Object.entries(labelsOf(identity, null)).filter(([key]) => !/^dev\.slipway\.(base|runtime)$/.test(key))
  const seen = { ...facts, BP_IMAGE_LABELS: labels.map(([key, value]) => `${key}="${value}"`).join(' '), ...vars }
  for (const [name, value] of Object.entries(seen)) {
    await writeFile(path.join(places.platform, 'env', name), value, { mode: 0o600 })
  }
  return places
}

/** Arguments of the creator. Pure. */
export function creatorArguments({ target }: Pick<StrategyContext, 'target'>, places: LifecyclePlaces): string[] {
  const repository = `${new URL(target.origin).host}/${target.repository}`
  return [
    `-app=${places.app}`,
    `-layers=${places.layers}`,
    `-platform=${places.platform}`,
    `-report=${places.report}`,
    `-cache-image=${repository}:buildpacks-cache`,
    '-process-type=web',
    '-log-level=info',
    `${repository}:${target.tag}`,
  ]
}

/** Environment of the creator: where registries are, and what opens them. Pure. */
export function creatorEnvironment({ env, target, dockerConfig, scratchDir }: StrategyContext): Record<string, string> {
  const url = new URL(target.origin)
  return {
    ...env,
    HOME: scratchDir,
    CNB_PLATFORM_API: PLATFORM_API,
    ...(url.protocol === 'http:' ? { CNB_INSECURE_REGISTRIES: url.host } : {}),
    ...(dockerConfig === null ? {} : { DOCKER_CONFIG: dockerConfig }),
  }
}

/** The digest in the lifecycle's report. */
export function reportedDigest(report: string): string {
  const digest = REPORTED_DIGEST.exec(report)?.[1]
  if (digest === undefined) throw new Error('the lifecycle ended well without naming the digest of the image')
  return digest
}

/** Processes that the buildpacks found; the launcher has a program of each. */
export function processesOf(config: ImageConfig): ImageProcess[] {
  const found = processesSchema.safeParse(parseJson(config.config?.Labels?.[PROCESSES_LABEL] ?? ''))
  const types = found.success ? found.data.processes.map(({ type }) => type) : []
  const names = types.filter((type) => /^[a-z][a-z0-9-]{0,39}$/.test(type))
  if (names.every((name) => endsByItself({ kind: defaultKindOf(name) }))) {
    throw new BuildFailure(
      'The buildpacks do not know how this app starts.',
      'Add a Procfile with a line such as "web: ./server", and push again.',
    )
  }
  return names.map((name) => ({
    name,
    kind: defaultKindOf(name),
    command: name === 'web' ? null : [`/cnb/process/${name}`],
  }))
}
