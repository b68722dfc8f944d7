import { readFileSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { hasCode } from '../../types/system-error.ts'
import type { LogStream } from '../logs/writer.ts'
import { readFifo, writeFifo } from './fifo.ts'
import { processFiles } from './paths.ts'
import { type HostProcess, hasSameCommand, heeds, listProcesses, memoryBytes, readStat, sendSignal } from './proc.ts'

/** How a container's program ended. */
export interface ProcessExit {
  /** 128 + n for signal n; 137 when its shim was killed with it; 255 when nobody saw how (the machine was restarted). */
  exitCode: number
  /** Milliseconds since the epoch. */
  finishedAtMs: number
  /** False when nobody saw the end. */
  seen: boolean
}

/** After the program's end output may still come, from processes that escaped its session, with pauses of this length. */
const DRAIN_MS = 2_000
const MOST_DRAIN_ROUNDS = 5
/** How long the shim may take to go after it was told to. */
const SHIM_END_MS = 2_000
/** How long the shim may take to start the program. */
const PROGRAM_START_MS = 10_000
/** Pause between two looks whether the shim has gone. */
const SHIM_POLL_MS = 5
/** How long a program may take to set its handlers. */
const HANDLER_SET_MS = 200
/** Pause between two looks whether killed processes are gone. */
const KILL_POLL_MS = 20

const KILLED_EXIT_CODE = 137
export const UNKNOWN_EXIT_CODE = 255

/** The recorded exit, or null while there is none. */
export function readExit(dir: string): ProcessExit | null {
  const path = processFiles(dir).exit
  try {
    const text = readFileSync(path, 'latin1')
    // The newline comes last: without it the shim is still writing.
    if (!/^\d+\n$/.test(text)) return null
    return { exitCode: Number(text), finishedAtMs: statSync(path).mtimeMs, seen: true }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

/** A container that runs. */
export interface RunningProcess {
  /** Process id that leads the container's session; 0 where there is none. */
  readonly shimPid: number
  /** Resolves when the program has ended and its output is read. Never rejects. */
  readonly exited: Promise<ProcessExit>
  signal(signal: NodeJS.Signals): boolean
  /** Asks the program to end. */
  terminate(): Promise<void>
  /** Before this, signals reach nothing. */
  begun(): Promise<void>
  kill(): Promise<void>
  members(): Promise<number[]>
  /** Which of the machine's processes are its own. */
  membersAmong(processes: readonly HostProcess[]): number[]
  endInput(): Promise<void>
  release(): void
}

/** A container's program, running under its shim: started by this process or adopted from one that died. */
export class ContainerProcess implements RunningProcess {
  readonly dir: string
  /** Process id of the shim, which is the id of the session too. */
  readonly shimPid: number
  /** Resolves when the program has ended, its output is read and its shim is gone too. Never rejects. */
  readonly exited: Promise<ProcessExit>
  readonly #output: (stream: LogStream, chunk: Buffer) => void
  #sockets: Socket[] = []
  #released = false
  /** Pieces of output so far. */
  #chunks = 0

  constructor(dir: string, shimPid: number, output: (stream: LogStream, chunk: Buffer) => void) {
    this.dir = dir
    this.shimPid = shimPid
    this.#output = output
    this.exited = this.#watch()
  }

  /** Signals the program and everything in its process group, as a terminal would. False when it is gone. */
  signal(signal: NodeJS.Signals): boolean {
    return sendSignal(-this.shimPid, signal)
  }

  /**
   * SIGTERM, or the end at once where no process of the container has said what it does at one: the first process of a PID
   * namespace would not even get it, and be killed when its grace is over. Here that need not be waited for: 137 as there, and
   * sooner. A program that has just begun is given a moment to set its handler. Reference: pid_namespaces(7).
   */
  async terminate(): Promise<void> {
    const deadline = Date.now() + HANDLER_SET_MS
    for (;;) {
      const members = await this.members()
      if (members.length === 0 || members.some((pid) => heeds(pid, constants.signals.SIGTERM) !== false)) break
      if (Date.now() > deadline) return this.kill()
      await new Promise((resolve) => setTimeout(resolve, KILL_POLL_MS))
    }
    this.signal('SIGTERM')
  }

  async members(): Promise<number[]> {
    return this.membersAmong(await listProcesses())
  }

  /** Processes of the container, without those that serve it: the shim, and what holds its standard input open. */
  membersAmong(processes: readonly HostProcess[]): number[] {
    const holder = stdinHolder(this.dir)
    return belonging(processes, this.shimPid).filter((pid) => pid !== this.shimPid && pid !== holder)
  }

  /** What stands in its standard input is all that there will be. */
  async endInput(): Promise<void> {
    const holder = stdinHolder(this.dir)
    if (holder === null) return
    const process = (await listProcesses()).find(({ pid }) => pid === holder)
    if (process?.session === this.shimPid) sendSignal(holder, 'SIGKILL')
  }

  /** Memory of the container in bytes: quick first, exact only when that is over `limitBytes`. */
  async memoryBytes(limitBytes: number): Promise<number> {
    const pids = await this.members()
    const resident = await memoryBytes(pids, 'resident')
    return resident > limitBytes ? memoryBytes(pids, 'proportional') : resident
  }

  /**
   * Resolves when the program has begun, or ended. The shim says that it is ready a moment before it starts it, and what it has
   * forked but has not become the program yet would take a signal and forget it.
   */
  async begun(): Promise<void> {
    const deadline = Date.now() + PROGRAM_START_MS
    const isOver = () => readExit(this.dir) !== null || !isAlive(this.shimPid) || Date.now() > deadline
    const isProgram = (pid: number) => !hasSameCommand(pid, this.shimPid)
    while (!(await this.members()).some(isProgram) && !isOver()) {
      await new Promise((resolve) => setTimeout(resolve, SHIM_POLL_MS))
    }
  }

  /** SIGKILL to every process of the container until none is left. The shim stays to record the exit. */
  async kill(): Promise<void> {
    await this.begun()
    for (;;) {
      const members = await this.members()
      if (members.length === 0) return this.endInput()
      for (const pid of members) sendSignal(pid, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, KILL_POLL_MS))
    }
  }

  /** Detaches from the container and leaves it running, to be adopted. `exited` stays pending. */
  release(): void {
    this.#released = true
    for (const socket of this.#sockets) socket.destroy()
  }

  async #watch(): Promise<ProcessExit> {
    const files = processFiles(this.dir)
    const ends = (['stdout', 'stderr'] as const).map((stream) => {
      const socket = this.#open(files[stream])
      socket.on('data', (chunk: Buffer) => {
        this.#chunks += 1
        this.#output(stream, chunk)
      })
      return ended(socket)
    })
    const done = this.#open(files.done)
    await new Promise<void>((resolve) => {
      done.once('data', () => resolve())
      void ended(done).then(resolve)
    })
    if (this.#released) return new Promise(() => undefined)
    const exit = readExit(this.dir) ?? { exitCode: KILLED_EXIT_CODE, finishedAtMs: Date.now(), seen: true }
    // As with the end of a container's process 1, everything it started ends with it.
    await this.kill()
    // A reader that came after the last writer had gone is not told of the end: let a writer come and go.
    writeFifo(files.stdout, '')
    writeFifo(files.stderr, '')
    await this.#drained(Promise.all(ends))
    if (this.#released) return new Promise(() => undefined)
    writeFifo(files.control, '\n')
    for (const socket of this.#sockets) socket.destroy()
    await this.#shimGone()
    return exit
  }

  /** Waits until all output is read: to its end, or until none has come for a while, however busy the machine is. */
  async #drained(ended: Promise<unknown>): Promise<void> {
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    let before = -1
    for (let round = 0; round < MOST_DRAIN_ROUNDS && !isOver && before !== this.#chunks; round += 1) {
      before = this.#chunks
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())])
      // On a busy machine the time may be up before what lies ready was looked at.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Waits until nothing of the session is left. What only waits to be reaped (a zombie) holds nothing any more. */
  async #shimGone(): Promise<void> {
    const deadline = Date.now() + SHIM_END_MS
    while (isAlive(this.shimPid) && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, SHIM_POLL_MS))
    }
  }

  #open(path: string): Socket {
    const socket = readFifo(path)
    this.#sockets.push(socket)
    return socket
  }
}

/** A session, and what its processes have started in sessions of their own, as a terminal does. */
export function belonging(processes: readonly HostProcess[], session: number): number[] {
  const children = Map.groupBy(processes, ({ parent }) => parent)
  const isOwn = (process: HostProcess) => process.session === session || process.pid === session
  const found = new Set(processes.filter(isOwn).map(({ pid }) => pid))
  // A set goes on to what is added while it is gone through.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid)
  return [...found]
}

/** Ends a process that leads a session or group, and all that it has started, in whatever session. */
export async function killTree(pid: number | undefined): Promise<void> {
  if (pid === undefined) return
  const below = belonging(await listProcesses(), pid)
  sendSignal(-pid, 'SIGKILL')
  for (const each of below) sendSignal(each, 'SIGKILL')
}

/** Null where it has no standard input, or none yet. */
function stdinHolder(dir: string): number | null {
  try {
    return Number(readFileSync(processFiles(dir).stdinHolder, 'latin1')) || null
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

const isAlive = (pid: number) => (process.platform === 'linux' ? readStat(pid) !== null : sendSignal(pid, 0))

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    // 'close' follows errors as well; a broken FIFO is an ended one.
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}
