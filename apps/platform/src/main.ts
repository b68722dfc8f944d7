import { readFileSync, writeFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import path from 'node:path'

/** Nice values of a start, which everybody waits for on a busy machine, and of what follows. */
const START_PRIORITY = -10
const PRIORITY = 0

/** The platform as a process: see docs/architecture.md for its environment. */
async function main(): Promise<void> {
  enableCompileCache(path.resolve(import.meta.dirname, '../../../node_modules/.cache/slipway'))
  beNice(START_PRIORITY)
  // Loaded only now: what was compiled at an earlier start is not compiled again.
  const [{ readSettings }, { startPlatform }, { createLogger }] = await Promise.all([
    import('./env.ts'),
    import('./platform.ts'),
    import('./server/logger.ts'),
  ])
  const settings = readSettings(process.env)
  const logger = createLogger(settings.logLevel)
  process.on('unhandledRejection', (err) => {
    // A promise that nobody waited for is a defect; the process is in no state to go on with.
    logger.fatal({ err }, 'an error was not handled; the platform ends')
    process.exit(70)
  })
  const platform = await startPlatform(settings, { logger })
  beNice(PRIORITY)
  let closing: Promise<void> | null = null
  const stop = (reason: string) => {
    if (closing !== null) return
    logger.info({ reason }, 'the platform stops')
    closing = platform.close().then(
      () => process.exit(0),
      (err) => {
        logger.error({ err }, 'the platform did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  // The launcher holds an IPC channel: when it ends, however it ends, so does its part.
  process.on('disconnect', () => stop('the launcher is gone'))
  const { url, setupUrl } = platform
  // Where a launcher listens it prints the address on the terminal; elsewhere the log is where it can be found.
  if (process.send) process.send({ ready: true, url, setupUrl })
  else if (setupUrl !== null) logger.warn(`There is no account yet. Create the first one at ${setupUrl}`)
}

/**
 * Sets the nice value of this process, and of its session where it leads one: Linux shares the processors out by sessions first.
 * Only root may go before others: elsewhere a start takes its turn.
 * Reference: sched(7), "The autogroup feature".
 */
function beNice(value: number): void {
  try {
    setPriority(value)
    if (process.platform === 'linux' && leadsSession()) writeFileSync('/proc/self/autogroup', String(value))
  } catch {
    // Not allowed, or a kernel without the feature.
  }
}

function leadsSession(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === process.pid
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
