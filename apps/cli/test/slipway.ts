import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/slipway.mjs', import.meta.url))

export interface Result {
  code: number
  stdout: string
  stderr: string
}

export interface Place {
  /** Where credentials go, instead of the home of whoever runs the tests. */
  configHome: string
  cwd: string
  env?: Record<string, string>
  /** Node to run the program on; the one of the tests when not given. */
  node?: string
}

function environmentOf({ configHome, env }: Place): NodeJS.ProcessEnv {
  return { NODE_ENV: 'test', PATH: process.env.PATH, HOME: configHome, XDG_CONFIG_HOME: configHome, ...env }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

function start(place: Place, args: readonly string[]): Child {
  const env = environmentOf(place)
  return spawn(place.node ?? process.execPath, [BIN, ...args], {
    cwd: place.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs one command of the real program. Standard input is empty. */
export async function slipway(place: Place, ...args: string[]): Promise<Result> {
  const child = start(place, args)
  const result = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, ...result }
}

/** As `slipway`, with something on standard input. */
export async function slipwayWithInput(place: Place, input: string, ...args: string[]): Promise<Result> {
  const env = environmentOf(place)
  const child = spawn(process.execPath, [BIN, ...args], { cwd: place.cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  const chunks = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    chunks.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    chunks.stderr += text
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, ...chunks }
}

/** A command that runs on, such as `logs --follow`. */
export interface Running {
  stdout(): string
  stderr(): string
  /** Resolves once standard output or standard error matches. Rejects with both when that takes too long. */
  until(pattern: RegExp, timeoutMs?: number): Promise<void>
  /** Waits for its end; answers the exit code. */
  ended(): Promise<number>
  /** Ctrl-C; answers the exit code. */
  interrupt(): Promise<number>
}

export function follow(place: Place, ...args: string[]): Running {
  const child = start(place, args)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const closed = once(child, 'close')
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    async until(pattern, timeoutMs = 60_000) {
      const deadline = Date.now() + timeoutMs
      while (!pattern.test(stdout) && !pattern.test(stderr)) {
        if (Date.now() > deadline || child.exitCode !== null) {
          throw new Error(`${pattern} did not come (exit ${child.exitCode}).\n${stdout}\n${stderr}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    async ended() {
      const [code] = await closed
      return code
    },
    async interrupt() {
      if (child.exitCode === null) child.kill('SIGINT')
      const [code] = await closed
      return code
    },
  }
}

export interface InTerminal {
  /** Everything that the terminal has shown. */
  shown(): string
  until(text: string): Promise<void>
  type(text: string): void
  resize(size: { rows: number; columns: number }): Promise<void>
  ended(): Promise<number>
}

/** The real program in a terminal of so many rows and columns. */
export function inTerminal(place: Place, size: { rows: number; columns: number }, ...args: string[]): InTerminal {
  const quoted = [process.execPath, BIN, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const line = `stty rows ${size.rows} cols ${size.columns}; echo "device $(tty)"; exec ${quoted}`
  const env = { ...environmentOf(place), SHELL: '/bin/sh', TERM: 'xterm' }
  const child = spawn('script', ['-q', '-f', '-e', '-c', line, '/dev/null'], { cwd: place.cwd, env, stdio: 'pipe' })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  const closed = once(child, 'close')
  const until = async (text: string) => {
    for (const deadline = Date.now() + 60_000; !shown.includes(text); ) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`“${text}” did not come (exit ${child.exitCode}):\n${JSON.stringify(shown)}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return {
    shown: () => shown,
    until,
    type: (text) => void child.stdin.write(text),
    async resize({ rows, columns }) {
      await until('device ')
      const device = /device (\S+)/.exec(shown)?.[1] ?? ''
      await once(spawn('stty', ['-F', device, 'rows', String(rows), 'cols', String(columns)]), 'close')
    },
    async ended() {
      const [code] = await closed
      return code
    },
  }
}
