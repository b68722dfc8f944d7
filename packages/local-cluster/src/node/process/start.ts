import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { LogStream } from '../logs/writer.ts'
import { SHELL_NAME } from '../sandbox/confinement.ts'
import type { Prepared } from '../sandbox/sandbox.ts'
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
  /** Commands that stand in front of the shim and of the program, and what they said when they failed. */
  /** Stands in front of everything else, and becomes it. */
  enter?: readonly string[]
  /** It has a standard input that can be written to; otherwise that is empty. */
  stdin?: boolean
  sandbox?: Prepared
  /** Who may open its streams, where that is not the user of the cluster. */
  user?: number | null
  output: (stream: LogStream, chunk: Buffer) => void
  /** Makes what watches over the container, where that is no process of the machine like others. */
  watch?: (shimPid: number) => ContainerProcess
}

/** Starts a program under a shim, in a session of its own. Resolves when the shim has recorded itself. */
export async function startProcess(start: ProcessToStart): Promise<ContainerProcess> {
  const files = processFiles(start.dir)
  const { sandbox } = start
  if (sandbox === undefined) await mkdir(start.workingDir, { recursive: true })
  const inputs = start.stdin === true ? [files.stdin] : []
  await makeFifos([files.stdout, files.stderr, files.done, files.control, ...inputs])
  const { user = null } = start
  if (user !== null) for (const each of [files.stdout, files.stderr, ...inputs]) chownSync(each, user, user)
  const odd = Object.entries(start.env).filter(([name]) => !SHELL_NAME.test(name))
  const viaEnv = odd.length === 0 ? [] : ['/usr/bin/env', ...odd.map(([name, value]) => `${name}=${value}`)]
  const shimmed = ['/bin/sh', SHIM, start.dir, ...(sandbox?.program ?? []), ...viaEnv, start.program, ...start.args]
  const [file = '', ...args] = [...(start.enter ?? []), ...(sandbox?.launcher ?? []), ...shimmed]
  const shim = spawn(file, args, {
    // A container with its own view of the file system goes to its directory once it has that view.
    cwd: sandbox === undefined ? start.workingDir : start.dir,
    env: { ...(sandbox?.env ?? start.env) } as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await ready(shim, () => sandbox?.failure() ?? '')
  shim.unref()
  if (shim.pid === undefined) throw new Error('The shell that runs the container has no process id.')
  return start.watch?.(shim.pid) ?? new ContainerProcess(start.dir, shim.pid, start.output)
}

function ready(shim: ChildProcess, why: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    shim.once('error', (error) => reject(new Error(`The container could not be started: ${error.message}`)))
    shim.stdout?.setEncoding('latin1')
    shim.stdout?.on('data', (chunk: string) => {
      text += chunk
    })
    shim.stdout?.once('end', () => {
      if (text === 'ready\n') resolve()
      else reject(new Error(`The container could not be started: ${why() || 'its shell ended at once'}.`))
    })
  })
}
