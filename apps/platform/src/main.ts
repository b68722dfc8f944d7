import { readSettings } from './env.ts'
import { startPlatform } from './platform.ts'
import { createLogger } from './server/logger.ts'

/** The platform as a process: see docs/architecture.md for its environment. */
async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const logger = createLogger(settings.logLevel)
  process.on('unhandledRejection', (err) => {
    // A promise that nobody waited for is a defect; the process is in no state to go on with.
    logger.fatal({ err }, 'an error was not handled; the platform ends')
    process.exit(70)
  })
  const platform = await startPlatform(settings, { logger })
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
  process.send?.({ ready: true, url: platform.url })
}

main().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
