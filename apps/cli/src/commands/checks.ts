import {
  AppError,
  type AppView,
  describeOption,
  type HealthCheck,
  OPTION_KEYS,
  type ProcessOptionsPatch,
  type ProcessView,
} from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, note, paint, say } from '../io.ts'
import { parseCount, parseTimeout } from '../parse.ts'
import { type Runtime, withApp } from '../runtime.ts'

interface SetOptions {
  path?: string
  port?: number
  interval?: number
  timeout?: number
  failures?: number
  stopTimeout?: number
  drain?: number
}

const optionsOf = ({ processes }: AppView) => processes.map(({ name, options }) => ({ name, ...options }))

function show(io: Io, { processes }: AppView): void {
  if (processes.length === 0) say(io, 'No processes yet: they come with the first release.')
  for (const { name, kind, options } of processes) {
    say(io, paint(io, 'bold', name))
    for (const key of OPTION_KEYS) {
      if (key === 'drainSeconds' && kind !== 'web') continue
      const without = kind === 'web' ? 'health check: listens on PORT' : 'health check: none'
      say(io, `  ${key === 'healthCheck' && !options.healthCheck ? without : describeOption(key, options)}`)
    }
  }
}

function processOf(app: AppView, name: string): ProcessView {
  const found = app.processes.find((each) => each.name === name)
  if (found) return found
  const names = app.processes.map((each) => each.name).join(', ')
  throw new AppError('not_found', `${app.ref.app} has no process ${name}. It has: ${names || 'none yet'}.`)
}

/** The check with what was given of it; undefined where nothing was. */
function checkOf(before: HealthCheck | undefined, options: SetOptions): HealthCheck | undefined {
  const { path = before?.path, port, interval, timeout, failures } = options
  const given = { port, intervalSeconds: interval, timeoutSeconds: timeout, failureThreshold: failures }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  if (options.path === undefined && Object.keys(known).length === 0) return undefined
  if (path === undefined) throw new AppError('invalid_input', 'Give the path of the check, such as --path /healthz.')
  return { ...before, path, ...known }
}

function patchOf(process: ProcessView, options: SetOptions): ProcessOptionsPatch {
  const patch = {
    healthCheck: checkOf(process.options.healthCheck, options),
    stopTimeoutSeconds: options.stopTimeout,
    drainSeconds: options.drain,
  }
  if (Object.values(patch).every((each) => each === undefined)) {
    throw new AppError('invalid_input', 'Say what to set, such as --path /healthz, --stop-timeout 60s or --drain 10s.')
  }
  return patch
}

export function registerChecks(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const change = (command: Command, process: string, patch: (of: ProcessView) => ProcessOptionsPatch) =>
    withApp(runtime, command, async ({ api }, ref) => {
      const options = patch(processOf(await api.app.get.query(ref), process))
      const app = await api.app.configureProcess.mutate({ ...ref, process, options })
      answer(io, optionsOf(app), () => {
        show(io, app)
        note(io, 'Follow the rollout with "slipway ps".')
      })
    })
  const checks = program.command('checks').description('Health checks, stop and drain times of processes')
  checks
    .command('show', { isDefault: true })
    .description('Show the checks of every process')
    .action((_options: object, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const app = await api.app.get.query(ref)
        answer(io, optionsOf(app), () => show(io, app))
      }),
    )
  checks
    .command('set <process>')
    .description('Set a health check, the stop timeout or the drain time; makes a release')
    .option('--path <path>', 'GET this path: 200 to 399 is healthy')
    .option('--port <port>', 'port of the check where it is not PORT', parseCount(1, 65_535))
    .option('--interval <time>', 'how often it is asked (default 5s)', parseTimeout(1, 300))
    .option('--timeout <time>', 'how long an answer may take (default 2s)', parseTimeout(1, 60))
    .option('--failures <number>', 'failures in a row that take it out (default 3)', parseCount(1, 30))
    .option('--stop-timeout <time>', 'how long an instance has to stop (default 30s)', parseTimeout(1, 3600))
    .option('--drain <time>', 'serve on for so long before SIGTERM (default 5s)', parseTimeout(0, 600))
    .action((process: string, options: SetOptions, command: Command) =>
      change(command, process, (view) => patchOf(view, options)),
    )
  checks
    .command('unset <process>')
    .description('Put a health check, stop timeout and drain time back to the defaults; makes a release')
    .action((process: string, _options: object, command: Command) =>
      change(command, process, () => ({ healthCheck: null, stopTimeoutSeconds: null, drainSeconds: null })),
    )
}
