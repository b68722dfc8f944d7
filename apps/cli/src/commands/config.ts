import { readFile } from 'node:fs/promises'
import { AppError, formatEnvFile, parseEnvFile, type ReleaseView } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, say, table } from '../io.ts'
import { collect, parseAssignment, parseCount } from '../parse.ts'
import { DEFAULT_TIMEOUT_SECONDS, finishRelease } from '../rollout.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { ago } from '../time.ts'
import type { Exit } from './deploy.ts'

interface ChangeOptions {
  wait: boolean
  timeout: number
  envFile?: string
}

function listConfig(runtime: Runtime, command: Command, reveal: boolean): Promise<void> {
  const { io } = runtime
  return withApp(runtime, command, async ({ api }, ref) => {
    const list = await api.config.list.query(ref)
    const revealed = reveal ? await Promise.all(list.map(({ key }) => api.config.reveal.query({ ...ref, key }))) : []
    const shown = list.map((each, index) => ({ ...each, ...(revealed[index] ? { value: revealed[index].value } : {}) }))
    answer(io, shown, (vars) => {
      if (vars.length === 0)
        return say(io, 'There are no config vars yet. Set one with "slipway config set KEY=VALUE".')
      if (reveal) {
        // Read back by `config set --env-file` and by the console's Paste .env, byte for byte.
        io.stdout.write(formatEnvFile(Object.fromEntries(vars.map(({ key, value }) => [key, value ?? '']))))
        return
      }
      const rows = vars.map(({ key, masked, updatedAt, updatedBy }) => [
        key,
        masked,
        ago(updatedAt, runtime.nowMs()),
        updatedBy,
      ])
      table(io, ['KEY', 'VALUE', 'CHANGED', 'BY'], rows)
    })
  })
}

const MAX_PROBLEMS = 8

/** Reads a `.env` file whole. Throws `invalid_input` with the lines that cannot be read: nothing is set then. */
async function readEnvFile(name: string): Promise<Record<string, string>> {
  const text = await readFile(name, 'utf8').catch((error: Error) => {
    throw new AppError('invalid_input', `${name} cannot be read: ${error.message}.`, {}, { cause: error })
  })
  const { values, problems } = parseEnvFile(text)
  if (problems.length === 0) return values
  const lines = problems.slice(0, MAX_PROBLEMS).map(({ line, message }) => `  Line ${line}: ${message}`)
  if (problems.length > MAX_PROBLEMS) lines.push(`  and ${problems.length - MAX_PROBLEMS} more`)
  throw new AppError('invalid_input', [`${name} was not read, nothing is set:`, ...lines].join('\n'))
}

async function change(
  runtime: Runtime,
  command: Command,
  exit: Exit,
  changes: { set?: Record<string, string>; unset?: string[] },
  options: ChangeOptions,
): Promise<void> {
  await withApp(runtime, command, async (session, ref) => {
    const release: ReleaseView | null = await session.api.config.update.mutate({ ...ref, ...changes })
    if (release) {
      exit.code = await finishRelease(runtime, session, ref, release, options)
      return
    }
    answer(runtime.io, null, () => say(runtime.io, 'Stored. It takes effect with the first deploy.'))
  })
}

function withWaiting(command: Command): Command {
  return command
    .option('--no-wait', 'do not wait until the new release is live')
    .option('--timeout <seconds>', 'how long to wait', parseCount(1, 86_400), DEFAULT_TIMEOUT_SECONDS)
}

function setAll(runtime: Runtime, exit: Exit) {
  return async (given: [string, string][], options: ChangeOptions, command: Command): Promise<void> => {
    const fromFile = options.envFile ? await readEnvFile(options.envFile) : {}
    const set = { ...fromFile, ...Object.fromEntries(given) }
    if (Object.keys(set).length === 0) throw new AppError('invalid_input', 'Say what to set: KEY=VALUE, or --env-file.')
    await change(runtime, command, exit, { set }, options)
  }
}

function getOne(runtime: Runtime) {
  const print = (io: Io, value: string) => io.stdout.write(`${value}\n`)
  return (key: string, _options: unknown, command: Command): Promise<void> =>
    withApp(runtime, command, async ({ api }, ref) =>
      answer(runtime.io, await api.config.reveal.query({ ...ref, key }), ({ value }) => print(runtime.io, value)),
    )
}

export function registerConfig(program: Command, runtime: Runtime, exit: Exit): void {
  const config = program.command('config').description('Config vars: environment variables of the app')
  config
    .command('list', { isDefault: true })
    .description('List config vars; their values are masked')
    .option('--reveal', 'show the values, as a .env file')
    .action((options: { reveal?: boolean }, command: Command) => listConfig(runtime, command, options.reveal ?? false))
  config.command('get <key>').description('Print the value of one config var').action(getOne(runtime))
  withWaiting(
    config
      .command('set')
      .description('Set config vars; makes one new release and rolls it out')
      .argument('[key=value...]', 'such as GREETING=hello', collect(parseAssignment), [])
      .option('--env-file <file>', 'read KEY=VALUE lines from a file'),
  ).action(setAll(runtime, exit))
  withWaiting(
    config
      .command('unset')
      .description('Remove config vars; makes one new release and rolls it out')
      .argument('<key...>', 'such as GREETING'),
  ).action((unset: string[], options: ChangeOptions, command: Command) =>
    change(runtime, command, exit, { unset }, options),
  )
}
