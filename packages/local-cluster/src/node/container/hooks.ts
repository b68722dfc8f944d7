import type { Container, Handler } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { podLabel } from '../context.ts'
import type { Run } from '../pod/state.ts'
import type { HandlerResult } from './handler-result.ts'
import { runHandler } from './handlers.ts'

/** The longest that a timer takes: hooks have no time limit of their own. */
export const NO_LIMIT_MS = 2 ** 31 - 1

/**
 * Carries out a lifecycle hook; ends with the container. Never rejects. The answer to an HTTP request counts whatever its status.
 * Reference: pkg/kubelet/lifecycle/handlers.go.
 */
export async function runHook(
  pod: Pod,
  container: Container,
  run: Run,
  hook: Handler,
  timeoutMs: number,
): Promise<HandlerResult> {
  const ended = new AbortController()
  void run.process?.exited.then(() => ended.abort())
  const result = await runHandler(pod, run, hook, timeoutMs, ended.signal)
  if (result.ok || (hook.httpGet !== undefined && result.message.startsWith('HTTP probe failed'))) {
    return { ok: true, message: '' }
  }
  return {
    ok: false,
    message: `${whatFailed(hook)} for Container "${container.name}" in Pod "${podLabel(pod)}" failed - error: ${why(hook, result)}`,
  }
}

function whatFailed({ exec, httpGet, tcpSocket }: Handler): string {
  if (exec !== undefined) return `Exec lifecycle hook ([${(exec.command ?? []).join(' ')}])`
  if (httpGet !== undefined) return `HTTP lifecycle hook (${httpGet.path ?? ''})`
  return tcpSocket === undefined ? 'Lifecycle hook' : 'TCP lifecycle hook'
}

function why({ exec }: Handler, { message, command }: HandlerResult): string {
  if (exec === undefined) return message
  if (command === undefined) return `${message}, message: ""`
  const line = (exec.command ?? []).join(' ')
  return `command '${line}' exited with ${command.exitCode}: ${command.stderr}, message: ${JSON.stringify(message)}`
}
