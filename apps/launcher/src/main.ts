import { readEnv } from './env.ts'
import { hideFirstPassword } from './first-password.ts'
import { createReporter } from './report.ts'
import { startSlipway } from './slipway.ts'

/** `npm start` ends up here: start everything, wait for a signal, stop everything in order. */
async function main(): Promise<number> {
  const reporter = createReporter()
  const stopped = Promise.withResolvers<NodeJS.Signals>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve(signal))
  hideFirstPassword(readEnv().stateDir)
  const slipway = await startSlipway(readEnv(), reporter, stopped.promise, {
    buildsConsole: process.argv.includes('--build-console'),
  })
  if (slipway === null) return 130
  await stopped.promise
  reporter.line('')
  await reporter.step('Stopping', () => slipway.stop())
  return 0
}

try {
  process.exit(await main())
} catch (error) {
  process.stderr.write(`slipway: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
