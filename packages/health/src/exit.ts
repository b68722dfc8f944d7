import { constants } from 'node:os'
import type { RunState } from '@slipway/domain'
import type { Container, ContainerStateTerminated } from 'kubernetes-types/core/v1.d.ts'
import { type Cure, quote } from './finding.ts'

/** How a container ended, as the rest of a sentence that begins with its name, and what to do. */
export interface ExitStory {
  /** CamelCase word where the way it ended has one of its own (`OOMKilled`). */
  reason: string | null
  clause: string
  /** The same without what only this app has, where there is such. */
  cause?: string
  action: string
  /** Where it is another than the reason's. */
  state?: RunState
  /** What the runtime said, where the clause does not have all of it. */
  detail?: string
  cures: readonly Cure[]
}

const READ_LOGS = 'Read its last log lines for the cause, then fix it and deploy again, or roll back.'
/** A release whose command or image is wrong does not get better by itself. */
const WRONG_RELEASE: readonly Cure[] = ['roll_back', 'open_log']
const CRASHED: readonly Cure[] = ['roll_back', 'open_log', 'restart']

const CHECK_COMMAND = 'Check the command of the process, and that the image contains the program it names.'

/** Name of a signal by its number: 9 → "SIGKILL". */
function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found ? found[0] : `signal ${number}`
}

/** The number of the signal that ended a container, by the shells' convention of 128 + n; null when it ended by itself. */
function signalOf({ exitCode, signal }: ContainerStateTerminated): number | null {
  if (signal) return signal
  return exitCode > 128 && exitCode <= 128 + 64 ? exitCode - 128 : null
}

/** The part of an OCI runtime's error that says what is wrong: `exec: "x": no such file or directory`. */
function startErrorOf(message: string): string {
  const exec = message.lastIndexOf('exec: ')
  return quote(exec >= 0 ? message.slice(exec) : message.replace(/^.*(?:failed to [^:]+|runc create failed): /, ''))
}

/** A container that the runtime could not even start. */
export function startErrorStory(message: string): ExitStory {
  return {
    reason: null,
    state: 'cannot_start',
    clause: `cannot be started: ${startErrorOf(message)}`,
    action: CHECK_COMMAND,
    cures: WRONG_RELEASE,
  }
}

/** How a container ended. `container` tells its memory limit. */
export function exitStory(terminated: ContainerStateTerminated, container: Container | undefined): ExitStory {
  const { exitCode, reason, message } = terminated
  if (reason === 'StartError' || reason === 'ContainerCannotRun') return startErrorStory(message ?? reason)
  if (reason === 'OOMKilled') {
    const limit = container?.resources?.limits?.memory
    return {
      reason: 'OOMKilled',
      clause: `is killed for exceeding its memory limit${limit ? ` (${limit.replace(/(\d)([KMG]i)$/, '$1 $2B')})` : ''}`,
      action: 'Give the process more memory, or make it use less.',
      cures: ['raise_memory', 'roll_back', 'open_log'],
    }
  }
  if (exitCode === 127)
    return {
      reason: null,
      state: 'cannot_start',
      clause: 'cannot start: its command was not found (exit code 127)',
      action: CHECK_COMMAND,
      cures: WRONG_RELEASE,
    }
  if (exitCode === 126)
    return {
      reason: null,
      state: 'cannot_start',
      clause: 'cannot start: its command is not executable (exit code 126)',
      action: CHECK_COMMAND,
      cures: WRONG_RELEASE,
    }
  const signal = signalOf(terminated)
  if (signal !== null)
    return {
      reason: null,
      clause: `is terminated by ${signalName(signal)} (exit code ${exitCode})`,
      action: READ_LOGS,
      cures: CRASHED,
    }
  if (exitCode === 0) {
    return {
      reason: null,
      clause: 'exits with code 0, though it should keep running',
      action: 'Check the command of the process: it must stay in the foreground and keep running.',
      cures: WRONG_RELEASE,
    }
  }
  return { reason: null, clause: `exits with code ${exitCode}`, action: READ_LOGS, cures: CRASHED }
}

const times = (number: number) => (number === 1 ? 'once' : number === 2 ? 'twice' : `${number} times`)

/** " (restarted 3 times)", or where it never ran " (tried 4 times)"; nothing the first time. */
export function restartsClause(restarts: number, ran: boolean): string {
  if (restarts === 0) return ''
  return ran ? ` (restarted ${times(restarts)})` : ` (tried ${times(restarts + 1)})`
}
