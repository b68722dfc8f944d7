import type { TerminalBatch, TerminalSize } from '@slipway/domain'
import type { LogSink } from './logs.ts'

/** Who uses a terminal; nobody else does. */
export interface TerminalOwner {
  appId: string
  userId: string
}

/** A command that runs once, where its Job is. */
export interface RunOfTerminal extends TerminalOwner {
  id: string
  mode: 'input' | 'terminal'
  namespace: string
  job: string
}

/** A command to run in a running instance. */
export interface ExecOfTerminal extends TerminalOwner {
  id: string
  namespace: string
  /** Name of the pod. */
  instance: string
  command: readonly string[]
  terminal: boolean
  /** The client was here before: where this process does not know it, it is gone. */
  isResumed: boolean
}

export interface TerminalFollow {
  /** Id of the last event that the client saw. */
  resumeFrom: string | null
  size: TerminalSize | undefined
  sink: LogSink
  signal: AbortSignal
}

/** What a client sends; docs are at the input's schema. */
export interface TerminalInput {
  session: string
  input?: { writer: string; at: number; data: string; end: boolean } | undefined
  size?: TerminalSize | undefined
}

export interface TerminalEvent {
  /** Where a client that was cut goes on. */
  id: string
  batch: TerminalBatch
}

/** Terminals of this process: byte streams between clients and containers, which outlive a client's connection. */
export interface Terminals {
  /** Joins a command's Job until it has ended. Throws `rate_limited` where the account has too many. */
  followRun(run: RunOfTerminal, options: TerminalFollow): AsyncIterable<TerminalEvent>
  /** Runs a command in an instance, or goes on with it. Throws `rate_limited`, and `conflict` where it is gone. */
  followExec(exec: ExecOfTerminal, options: TerminalFollow): AsyncIterable<TerminalEvent>
  /** True where the input was taken; false: later, once what came before has been. Throws `conflict` where the session is over. */
  send(id: string, owner: TerminalOwner, input: TerminalInput): boolean
  /** Ends a command in an instance; what is not here is fine. */
  closeExec(id: string, owner: TerminalOwner): void
}
