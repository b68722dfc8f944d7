import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readEnv } from './env.ts'
import { BuildFailure } from './failure.ts'
import { fetchSource } from './fetch-source.ts'
import { createBuildLog } from './log.ts'
import { terminationMessage } from './termination.ts'
import { makeWorkDir } from './work-dir.ts'

/** What the pod of a build runs: fetches the source, builds it, leaves the result as the termination message. */
async function main(): Promise<number> {
  const environment = readEnv()
  const { build } = environment
  const cancelled = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () =>
      cancelled.abort(new BuildFailure('The build was stopped before its end.', 'Push again to start another.')),
    )
  }
  const log = createBuildLog((line) => process.stdout.write(`${line}\n`))
  const cacheDir = path.join(build.SLIPWAY_BUILD_CACHE_DIR, build.CACHE_KEY)
  const sourceDir = await makeWorkDir(cacheDir)
  const scratchDir = await mkdtemp(path.join(tmpdir(), 'slipway-build-'))
  try {
    // Most of the builder is loaded while the source is on its way.
    const [{ buildSource }] = await Promise.all([
      import('./build-source.ts'),
      fetchSource(build.SOURCE_URL, build.SOURCE_TOKEN, sourceDir, cancelled.signal),
    ])
    const { image, processes } = await buildSource(
      environment,
      { sourceDir, scratchDir, cacheDir },
      log,
      cancelled.signal,
    )
    await writeFile(build.TERMINATION_LOG, terminationMessage({ image, processes }))
    return 0
  } catch (error) {
    const known = error instanceof BuildFailure
    const failure = known
      ? error.message
      : `The build broke: ${error instanceof Error ? error.message : String(error)}.`
    const action = known ? error.action : 'Push again; if it breaks again, show this to your operator.'
    log.warning(failure)
    log.warning(action)
    await writeFile(build.TERMINATION_LOG, terminationMessage({ failure, action }))
    return 1
  } finally {
    for (const dir of [sourceDir, scratchDir]) await rm(dir, { recursive: true, force: true })
  }
}

process.exitCode = await main()
