import { PassThrough } from 'node:stream'
import type { KubeletEndpoints, PodExecOptions, PodLogOptions, PodProcess } from '../types/client.ts'
import { badRequest, internalError } from '../types/errors.ts'
import type { KubernetesObject } from '../types/objects.ts'
import type { Pod } from '../types/pod.ts'
import { attach } from './container/attach.ts'
import { RUNTIME_FAILED, spawnBeside } from './container/handlers.ts'
import { openTerminal } from './container/terminal.ts'
import type { NodeContext } from './context.ts'
import { readLog } from './logs/reader.ts'
import { currentRun, isRunning, type PodRecord, type Run } from './pod/state.ts'
import { killTree } from './process/container-process.ts'
import type { UsageMeter } from './usage.ts'

const LAST_WORDS_CHARS = 1000

/** What the API server asks of the node: logs, commands, usage. */
export function createKubelet(context: NodeContext, meter: UsageMeter): KubeletEndpoints {
  return {
    readLog: (pod, options, signal) =>
      context.simulation === null
        ? log(context, pod as Pod, options, signal)
        : simulatedLog(context, pod as Pod, options),
    exec: async (pod, options) => execute(runningRun(context, pod as Pod, options.container), options),
    attach: async (pod, options) => attach(pod as Pod, runningRun(context, pod as Pod, options.container), options),
    usage: () => meter.read(),
  }
}

function recordOf(context: NodeContext, pod: KubernetesObject): PodRecord | undefined {
  return context.pods.get(pod.metadata.uid ?? '')
}

async function* log(
  context: NodeContext,
  pod: Pod,
  options: PodLogOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const run = runForLog(context, pod, options)
  yield* readLog(run.logPath, run.log?.closed === false ? run.log : null, options, signal, context.counters)
}

/** The attempt whose log is asked for; refusals in the kubelet's words. */
function runForLog(context: NodeContext, pod: Pod, options: PodLogOptions): Run {
  const { container, previous } = options
  const known = recordOf(context, pod)?.containers.get(container)
  const present = currentRun(known)
  const shown = `container "${container}" in pod "${pod.metadata.name}"`
  if (previous) {
    // While the container waits for its restart, its last attempt is the previous one.
    const run = known?.waiting !== null && present?.exit ? present : known?.runs.at(-2)
    if (run === undefined) throw badRequest(`previous terminated ${shown} not found`)
    return run
  }
  if (present !== undefined) return present
  const { reason } = known?.waiting ?? { reason: pod.spec.initContainers ? 'PodInitializing' : 'ContainerCreating' }
  if (reason === 'ErrImagePull' || reason === 'ImagePullBackOff') {
    throw badRequest(
      `${shown} is waiting to start: ${reason === 'ErrImagePull' ? "image can't be pulled" : 'trying and failing to pull image'}`,
    )
  }
  throw badRequest(`${shown} is waiting to start: ${reason}`)
}

/** Simulated containers say nothing; what they refuse is the same. */
async function* simulatedLog(context: NodeContext, pod: Pod, options: PodLogOptions): AsyncGenerator<Uint8Array> {
  runForLog(context, pod, options)
  yield Buffer.from('This container is simulated: it runs no process and says nothing.\n')
}

function runningRun(context: NodeContext, pod: Pod, container: string): Run {
  if (context.simulation !== null) throw badRequest('simulated pods run no processes: nothing can be run in them')
  const known = recordOf(context, pod)?.containers.get(container)
  const run = currentRun(known)
  if (run === undefined || !isRunning(known))
    throw internalError(`unable to upgrade connection: container not found ("${container}")`)
  return run
}

function execute(run: Run, options: PodExecOptions): PodProcess {
  const terminal = options.tty ? openTerminal(run, options.command) : null
  const child = terminal?.child ?? spawnBeside(run, options.command)
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw internalError('the command has no streams')
  // A child that ends before anybody reads would have its output thrown away: it waits here.
  const [said, failed] = [new PassThrough(), new PassThrough()]
  let lastWords = ''
  stderr.on('data', (chunk: Buffer) => {
    lastWords = `${lastWords}${chunk.toString('latin1')}`.slice(-LAST_WORDS_CHARS)
  })
  const kill = () => {
    void killTree(child.pid)
    said.destroy()
    failed.destroy()
  }
  options.signal.addEventListener('abort', kill, { once: true })
  const ended = new Promise<number>((resolve) => {
    // The program that cannot be found is the command's failure: said on its error output, as runc does.
    child.once('error', (error) => {
      failed.end(`exec: "${options.command[0] ?? ''}": ${error.message}\n`)
      said.end()
      resolve(126)
    })
    child.once('close', (code, signal) => {
      said.end()
      failed.end()
      resolve(couldNotRun(run, code, lastWords) ?? code ?? (signal === 'SIGKILL' ? 137 : 143))
    })
  })
  const read = Promise.all([said, failed].map((stream) => new Promise((resolve) => stream.once('close', resolve))))
  // It is over for the client when it has read everything, or has gone.
  const exitCode = ended.then(async (code) => {
    await read
    options.signal.removeEventListener('abort', kill)
    return code
  })
  stdin.on('error', () => undefined)
  stdout.pipe(said, { end: false })
  stderr.pipe(failed, { end: false })
  const resize = terminal?.resize ?? (() => undefined)
  return { stdin, stdout: said, stderr: failed, resize, exitCode, kill }
}

/** A shell's exit code for a command that an OCI runtime could not run; null for every other. */
function couldNotRun(run: Run, code: number | null, said: string): number | null {
  if (run.meta.inRuntime !== true || code !== RUNTIME_FAILED || !said.includes('exec failed: ')) return null
  return said.includes('permission denied') ? 126 : 127
}
