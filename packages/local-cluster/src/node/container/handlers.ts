import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import type { Handler } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import type { Run } from '../pod/state.ts'
import { killTree } from '../process/container-process.ts'
import { RUNTIME_ENV } from '../runtime/runtime.ts'
import { disguised } from '../sandbox/confinement.ts'
import type { HandlerResult } from './handler-result.ts'
import { httpGet } from './http-get.ts'
import { networkError, type ProbeTarget, probeTarget, strangerTo } from './probe-target.ts'

/** Output of a probe or hook that is kept, as the kubelet does. */
const MAX_OUTPUT_BYTES = 10 * 1024
/** What an OCI runtime ends with when it could not run a command. */
export const RUNTIME_FAILED = 255
/** How long after its end a command's output is waited for. */
const OUTPUT_END_MS = 500

/** What stands in front of the command finds the container's environment itself, and must not run with it. */
export const environmentBeside = (run: Run) =>
  (run.meta.inRuntime === true
    ? RUNTIME_ENV
    : run.meta.confined !== undefined
      ? disguised(run.meta.env)
      : { ...run.meta.env }) as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv

/** Starts a command beside a container: its environment and directory, a process group of its own. */
export function spawnBeside(run: Run, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = [...run.beside, ...command]
  return spawn(program, args, {
    cwd: run.beside.length > 0 ? run.dir : run.meta.workingDir,
    env: environmentBeside(run),
    detached: true,
    stdio: 'pipe',
  })
}

/**
 * Carries out a probe's or hook's action. Never rejects.
 * Reference: pkg/probe/{http,tcp,exec} of k8s.io/kubernetes.
 */
export function runHandler(
  pod: Pod,
  run: Run,
  handler: Handler,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<HandlerResult> {
  const { httpGet: get, tcpSocket, exec, grpc } = handler
  if (grpc !== undefined) return Promise.resolve({ ok: false, message: 'gRPC probes are not supported here' })
  if (exec !== undefined) return execute(run, exec.command ?? [], timeoutMs, signal)
  const asked = get ?? tcpSocket
  if (asked !== undefined) {
    const { host } = asked
    const to = probeTarget(pod, asked.port, host)
    if (to === null) return Promise.resolve(noSuchPort(asked.port))
    if (get !== undefined) return httpGet(to, get, timeoutMs)
    return tcpProbe(run, to, !host, timeoutMs)
  }
  if (handler.sleep !== undefined) return sleep(run, Math.min(handler.sleep.seconds * 1000, timeoutMs))
  return Promise.resolve({ ok: true, message: '' })
}

/** A name that no port of the container has is read as a number at last. */
const noSuchPort = (port: number | string): HandlerResult => ({
  ok: false,
  unknown: true,
  message: `strconv.Atoi: parsing ${JSON.stringify(String(port))}: invalid syntax`,
})

/** A pod's port must be open to others: its own loopback is the machine's here, which alone would let a probe in. */
async function tcpProbe(run: Run, to: ProbeTarget, isOwn: boolean, timeoutMs: number): Promise<HandlerResult> {
  const stranger = isOwn && run.meta.env.SLIPWAY_PROGRAM === undefined ? strangerTo(to) : null
  const result = await tcpConnect({ ...to, host: stranger ?? to.host }, timeoutMs)
  if (result.ok || stranger === null) return result
  for (const host of [to.host, '::1']) {
    const { ok } = await tcpConnect({ ...to, host }, timeoutMs)
    if (ok) return { ok: false, message: `${result.message}; it listens on ${host} only` }
  }
  return result
}

function tcpConnect(to: ProbeTarget, timeoutMs: number): Promise<HandlerResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: to.host, port: to.port })
    const end = (ok: boolean, message: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ ok, message })
    }
    const timer = setTimeout(() => end(false, `dial tcp ${to.shown}: i/o timeout`), timeoutMs)
    socket.once('connect', () => end(true, ''))
    socket.once('error', (error) => end(false, networkError(error, to)))
  })
}

function execute(
  run: Run,
  command: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<HandlerResult> {
  return new Promise((resolve) => {
    const child = spawnBeside(run, command)
    const said = { output: '', stderr: '' }
    const collect = (to: 'output' | 'stderr') => (chunk: Buffer) => {
      if (said[to].length < MAX_OUTPUT_BYTES) said[to] = (said[to] + chunk.toString()).slice(0, MAX_OUTPUT_BYTES)
    }
    const closed = new Promise((resolve) => child.once('close', resolve))
    child.stdin?.end()
    child.stdout?.on('data', collect('output'))
    child.stderr?.on('data', collect('output')).on('data', collect('stderr'))
    const end = (result: HandlerResult) => {
      clearTimeout(timer)
      void killTree(child.pid)
      resolve(result)
    }
    const timeout = `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s`
    const timer = setTimeout(() => end({ ok: false, message: timeout }), timeoutMs)
    signal?.addEventListener('abort', () => end({ ok: false, message: 'the container has ended' }), { once: true })
    child.once('error', (error) => end(cannotRun(command, error.message)))
    child.once('exit', async (exitCode) => {
      // Its output may be read only now; what it started and left behind may hold it open for good.
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, OUTPUT_END_MS).unref())])
      const { output, stderr } = said
      // The container ended first: its exit is about to be observed, and the result is not used.
      if (isRefusedBy(run, exitCode, stderr) && GONE.test(stderr)) await endWithin(run, END_NOTICED_MS)
      // What the shell says that stands in front of it.
      if (isRefusedBy(run, exitCode, stderr) || stderr.includes(`exec: ${command[0]}: `))
        end(cannotRun(command, stderr))
      else end({ ok: exitCode === 0, message: output, command: { exitCode, stderr } })
    })
  })
}

const isRefusedBy = (run: Run, exitCode: number | null, stderr: string) =>
  run.meta.inRuntime === true && exitCode === RUNTIME_FAILED && /^(?:exec failed|cannot exec|container)/m.test(stderr)

/** What runc and crun say of a container that has no process any more. */
const GONE = /not running|stopped|does not exist|no such process/
const END_NOTICED_MS = 2_000

const endWithin = (run: Run, ms: number) =>
  Promise.race([run.process?.exited, new Promise((resolve) => setTimeout(resolve, ms).unref())])

/** A command that is no program, as containerd words it. */
function cannotRun([program = '']: readonly string[], why: string): HandlerResult {
  const cause = /permission denied|EACCES/i.test(why)
    ? 'permission denied'
    : program.includes('/')
      ? `stat ${program}: no such file or directory`
      : 'executable file not found in $PATH'
  const exec = `exec failed: unable to start container process: exec: ${JSON.stringify(program)}: ${cause}`
  const message = `rpc error: code = Unknown desc = failed to exec in container: OCI runtime exec failed: ${exec}`
  return { ok: false, unknown: true, message }
}

/** Ends early when the container does. */
function sleep(run: Run, ms: number): Promise<HandlerResult> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ ok: true, message: '' }), ms)
    void run.process?.exited.then(() => {
      clearTimeout(timer)
      resolve({ ok: true, message: '' })
    })
  })
}
