import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { gitEnvironment, killGroup } from './git.ts'
import { pktLines, takePkt } from './pkt-line.ts'

/** The report of a few thousand refs; more than git writes for any push that is taken. */
const REPORT_LIMIT_BYTES = 4 * 1024 * 1024

export interface ReceivePackOptions {
  repositoryPath: string
  env: Readonly<Record<string, string>>
  /** Commands in git's protocol, then the first bytes of the pack. */
  head: Buffer
  body: Readable
  /** What git says to people: progress, and why objects are refused. */
  onProgress: (chunk: Buffer) => void
  onStderr: (text: string) => void
  /** Ends git, which then leaves nothing of the push. */
  signal: AbortSignal
}

/** What git reports: `unpack` is "ok" or why the objects were refused; `refused` has a reason for each ref that was not updated. */
export interface ReceiveReport {
  unpack: string
  refused: ReadonlyMap<string, string>
}

/**
 * Runs `git receive-pack` on one push: it checks the objects, their connectivity and shallow roots, stores them, and updates the
 * refs that `head` names (git-receive-pack(1)). When this answers, git has accepted or refused.
 */
export async function runReceivePack(options: ReceivePackOptions): Promise<ReceiveReport> {
  const child = spawn('git', ['receive-pack', '--stateless-rpc', options.repositoryPath], {
    env: gitEnvironment(options.env),
    stdio: 'pipe',
    detached: true,
  })
  const kill = () => killGroup(child.pid)
  options.signal.addEventListener('abort', kill, { once: true })
  if (options.signal.aborted) kill()
  // EPIPE: git refused early; what the client still sends has nowhere to go.
  child.stdin.on('error', () => options.body.resume())
  child.stdin.write(options.head)
  options.body.pipe(child.stdin)
  child.stderr.on('data', (chunk: Buffer) => options.onStderr(chunk.toString('utf8').slice(0, 1000)))
  const report = collectReport(child.stdout, options.onProgress)
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    options.signal.throwIfAborted()
    return parseReport(report(), exitCode)
  } finally {
    options.signal.removeEventListener('abort', kill)
    options.body.unpipe(child.stdin)
    options.body.resume()
  }
}

function collectReport(stdout: Readable, onProgress: (chunk: Buffer) => void): () => Buffer {
  let buffer: Buffer = Buffer.alloc(0)
  const report: Buffer[] = []
  let size = 0
  stdout.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (let taken = takePkt(buffer); taken !== null; taken = takePkt(buffer)) {
      buffer = taken.rest
      const band = taken.payload?.[0]
      const content = taken.payload?.subarray(1)
      if (content === undefined || content.length === 0) continue
      if (band !== 1) {
        onProgress(content)
        continue
      }
      size += content.length
      if (size <= REPORT_LIMIT_BYTES) report.push(content)
    }
  })
  return () => Buffer.concat(report)
}

function parseReport(report: Buffer, exitCode: number | null): ReceiveReport {
  const lines = pktLines(report)
  const unpack = /^unpack (.*)$/.exec(lines[0] ?? '')?.[1] ?? `git ended with ${exitCode ?? 'a signal'}`
  const refused = new Map<string, string>()
  for (const line of lines) {
    const [, ref, reason] = /^ng (\S+) (.*)$/.exec(line) ?? []
    if (ref && reason) refused.set(ref, reason)
  }
  return { unpack, refused }
}
