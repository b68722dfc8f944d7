import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import type { LogStream } from '../logs/writer.ts'
import { ContainerProcess } from './container-process.ts'
import { makeFifos } from './fifo.ts'
import { processFiles, SHIM } from './paths.ts'

export interface ProcessToStart {
  /** Directory of the attempt; exists and is empty but for the metadata. */
  dir: string
  /** Absolute path of the program. */
  program: string
  args: readonly string[]
  /** Exactly what the program sees. */
  env: Readonly<Record<string, string>>
  workingDir: string
  output: (stream: LogStream, chunk: Buffer) => void
}

/** Names that a POSIX shell keeps in the environment; others it drops. */
const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Starts a program under a shim, in a session of its own. Resolves when the shim has recorded itself. */
export async function startProcess(start: ProcessToStart): Promise<ContainerProcess> {
  const files = processFiles(start.dir)
  await mkdir(start.workingDir, { recursive: true })
  await makeFifos([files.stdout, files.stderr, files.done, files.control])
  const odd = Object.entries(start.env).filter(([name]) => !SHELL_NAME.test(name))
  const viaEnv = odd.length === 0 ? [] : ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`)]
  const shim = spawn('/bin/sh', [SHIM, start.dir, ...viaEnv, start.program, ...start.args], {
    cwd: start.workingDir,
    env: { ...start.env } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await ready(shim)
  shim.unref()
  if (shim.pid === undefined) throw new Error('The shell that runs the container has no process id.')
  return new ContainerProcess(start.dir, shim.pid, start.output)
}

function ready(shim: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    shim.once('error', (error) => reject(new Error(`The container could not be started: ${error.message}`)))
    shim.stdout?.setEncoding('latin1')
    shim.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    shim.stdout?.once('end', () => {
      if (text === 'ready\n') resolve()
      else reject(new Error('The container could not be started: its shell ended at once.'))
    })
  })
}
