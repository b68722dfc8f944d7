import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildImage } from './build-image.ts'
import { readEnv } from './env.ts'
import { BuildFailure } from './failure.ts'
import { fetchSource } from './fetch-source.ts'
import { createBuildLog } from './log.ts'

/** What the pod of a build runs: fetches the source, builds it, leaves the result as the termination message. */
async function main(): Promise<number> {
  const { build, tools } = readEnv()
  const cancelled = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () =>
      cancelled.abort(new BuildFailure('The build was stopped before its end.', 'Push again to start another.')),
    )
  }
  const log = createBuildLog((line) => process.stdout.write(`${line}\n`))
  const sourceDir = await mkdtemp(path.join(tmpdir(), 'slipway-build-'))
  try {
    await fetchSource(build.SOURCE_URL, build.SOURCE_TOKEN, sourceDir, cancelled.signal)
    const { image, processes } = await buildImage({
      sourceDir,
      cacheDir: path.join(build.SLIPWAY_BUILD_CACHE_DIR, build.CACHE_KEY),
      registryUrl: build.REGISTRY_PUSH_URL.replace(/\/+$/, ''),
      repository: build.IMAGE_REPOSITORY,
      imagePrefix: build.IMAGE_PREFIX,
      env: tools,
      signal: cancelled.signal,
      log,
    })
    await writeFile(build.TERMINATION_LOG, JSON.stringify({ image, processes }))
    return 0
  } catch (error) {
    const known = error instanceof BuildFailure
    const failure = known
      ? error.message
      : `The build broke: ${error instanceof Error ? error.message : String(error)}.`
    const action = known ? error.action : 'Push again; if it breaks again, show this to whoever runs this Slipway.'
    log.warning(failure)
    log.warning(action)
    await writeFile(build.TERMINATION_LOG, JSON.stringify({ failure, action }))
    return 1
  } finally {
    await rm(sourceDir, { recursive: true, force: true })
  }
}

process.exitCode = await main()
