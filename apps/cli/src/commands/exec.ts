import { randomUUID } from 'node:crypto'
import { TERMINAL_IDLE_MINUTES } from '@slipway/domain'
import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { note } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'
import { useTerminal } from '../terminal.ts'
import type { Exit } from './deploy.ts'
import { argvOf } from './run.ts'

const HELP = `
The command runs beside the app's own process, in the same container: what it changes there is gone with the instance. Use
"slipway run" for everything that does not need that very instance. Who ran what where is in the team's audit log.

In a terminal it gets one of its own, where Ctrl-C goes to the program and Enter ~ . closes it. What is piped in is its
standard input; standard output and standard error stay apart then. It ends with its instance, two minutes after this
command was cut off, or after ${TERMINAL_IDLE_MINUTES} minutes in which nothing is typed or printed.

Examples:
  slipway exec                                   sh in the first instance
  slipway exec -- bash
  slipway exec worker -- ps aux                  in an instance of a process
  slipway exec web-7d4b9c-x2x7p -- cat /proc/1/status
  slipway exec -- tar c /tmp/dump > dump.tar`

/** Words before "--" name the instance; without one, all of them are the command. */
function wordsOf(words: string[], args: readonly string[]): { instance: string | undefined; command: string[] } {
  const dashes = args.indexOf('--')
  const after = dashes < 0 ? words.length : args.length - dashes - 1
  const [instance] = words.slice(0, words.length - after)
  const command = words.slice(words.length - after)
  return { instance, command: command.length === 0 ? ['sh'] : command }
}

export function registerExec(program: Command, runtime: Runtime, exit: Exit, args: readonly string[]): void {
  const { io } = runtime
  program
    .command('exec')
    .usage('[options] [instance] -- <command...>')
    .description('Run a command, or a terminal, in a running instance')
    .argument('[words...]', 'an instance or a process, then "--" and the command (default: sh in the first instance)')
    .option('--no-tty', 'without a terminal, also where this is one')
    .addHelpText('after', HELP)
    .action((words: string[], { tty }: { tty: boolean }, self: Command) =>
      withApp(runtime, self, async (session, ref) => {
        const { instance, command } = wordsOf(words, args)
        const terminal = io.interactive && tty && !io.json
        const target = { kind: 'exec', exec: randomUUID(), instance, command: argvOf(command), terminal } as const
        const end = await useTerminal(runtime, session, ref, target, { raw: terminal, output: true })
        if (end?.failure) note(io, end.failure)
        exit.code = end === null ? EXIT.ok : (end.exitCode ?? EXIT.failure)
      }),
    )
}
