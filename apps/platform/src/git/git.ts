import { spawn } from 'node:child_process'
import { executablePath } from '../env.ts'

/** Output of short git commands; more than this is cut, or refused where the caller sets a limit of its own. */
const OUTPUT_LIMIT_BYTES = 1024 * 1024

/**
 * Environment of every git process: nothing of the platform's own (its secrets live there), no configuration of the
 * machine or the user, no prompts.
 */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    PATH: executablePath,
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...extra,
  }
}

/** git configuration for one process, without touching a file: GIT_CONFIG_COUNT and its pairs. */
export function gitConfig(entries: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(entries)
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(pairs.length) }
  pairs.forEach(([key, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = key
    env[`GIT_CONFIG_VALUE_${index}`] = value
  })
  return env
}

/** A git command that ended badly. `stderr` is for logs and, after a look at what it may hold, for people. */
export class GitError extends Error {
  readonly exitCode: number | null
  readonly stderr: string
  constructor(command: string, exitCode: number | null, stderr: string) {
    super(`git ${command} ended with ${exitCode ?? 'a signal'}: ${stderr.trim().slice(0, 500)}`)
    this.name = 'GitError'
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

export interface GitOptions {
  cwd?: string
  env?: Readonly<Record<string, string>>
  signal?: AbortSignal
  /** After this long the process is killed and a GitError thrown. */
  timeoutMs?: number
  /** No file that git writes may become larger (RLIMIT_FSIZE): a fetch has no limit of its own. */
  maxFileBytes?: number
  /** What git reads on its stdin. */
  input?: string
}

/** Runs git to its end and answers its stdout (at most 1 MiB; more is cut). */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitOutput(args, OUTPUT_LIMIT_BYTES, options)).subarray(0, OUTPUT_LIMIT_BYTES).toString('utf8')
}

/** Runs git to its end and answers its stdout: all of it, or one byte more than the limit where it is longer. */
export async function gitOutput(
  args: readonly string[],
  limitBytes: number,
  options: GitOptions = {},
): Promise<Buffer> {
  const [program, words] = withFileLimit(args, options.maxFileBytes)
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: gitEnvironment(options.env),
    stdio: 'pipe',
    detached: true,
  })
  const out = collect(child.stdout, limitBytes + 1)
  const err = collect(child.stderr, OUTPUT_LIMIT_BYTES)
  // EPIPE: git ended before it read everything; its exit code says why.
  child.stdin.on('error', () => child.stdin.destroy())
  child.stdin.end(options.input ?? '')
  // The whole group: fetch starts helpers (git-remote-https) that would outlive their parent.
  const kill = () => killGroup(child.pid)
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(kill, options.timeoutMs)
  options.signal?.addEventListener('abort', kill, { once: true })
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code))
    })
    options.signal?.throwIfAborted()
    if (exitCode !== 0) throw new GitError(nameOf(args), exitCode, err().toString('utf8'))
    return out()
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', kill)
  }
}

/** The shell's `ulimit -f` counts in blocks of 512 bytes (POSIX). */
function withFileLimit(args: readonly string[], maxFileBytes: number | undefined): [string, readonly string[]] {
  if (maxFileBytes === undefined) return ['git', args]
  return ['sh', ['-c', 'ulimit -f "$0"; exec git "$@"', String(Math.ceil(maxFileBytes / 512)), ...args]]
}

/** Ends a process group at once; one that is gone already is fine. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The command among the arguments, for messages. */
const nameOf = (args: readonly string[]) => (args[0] === '-C' ? args[2] : args[0]) ?? ''

function collect(stream: NodeJS.ReadableStream, limitBytes: number): () => Buffer {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < limitBytes) chunks.push(chunk)
    size += chunk.length
  })
  return () => Buffer.concat(chunks).subarray(0, limitBytes)
}
