import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Handler } from '../../types/container.ts'
import type { HandlerResult } from './handler-result.ts'
import { networkError, type ProbeTarget } from './probe-target.ts'

const MOST_REDIRECTS = 10

/**
 * Asks by HTTP. Never rejects. Redirects are followed on the same host; one to another host is as good as an answer.
 * Reference: pkg/probe/http of k8s.io/kubernetes.
 */
export async function httpGet(
  to: ProbeTarget,
  get: NonNullable<Handler['httpGet']>,
  timeoutMs: number,
): Promise<HandlerResult> {
  const asked = addressOf(to, get)
  const first = new URL(asked)
  const signal = AbortSignal.timeout(timeoutMs)
  let url = first
  try {
    for (let redirects = 0; ; redirects += 1) {
      const { status, location } = await ask(to, url, headersOf(get), signal)
      if (status < 200 || status >= 400) return failed(`HTTP probe failed with statuscode: ${status}`)
      const next = location === undefined || status < 300 ? null : URL.parse(location, url.href)
      if (next === null || next.hostname !== first.hostname || next.port !== first.port)
        return { ok: true, message: '' }
      if (redirects === MOST_REDIRECTS) return failed(`Get "${next}": stopped after ${MOST_REDIRECTS} redirects`)
      url = next
    }
  } catch (error) {
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : networkError(error instanceof Error ? error : new Error(String(error)), to)
    // As it was asked for: a URL does not keep the port that its scheme has by itself.
    return failed(`Get "${url === first ? asked : url}": ${why}`)
  }
}

const failed = (message: string): HandlerResult => ({ ok: false, message })

function addressOf({ shown }: ProbeTarget, { scheme = 'HTTP', path = '/' }: NonNullable<Handler['httpGet']>): string {
  return `${scheme.toLowerCase()}://${shown}${path.startsWith('/') ? path : `/${path}`}`
}

function headersOf({ httpHeaders = [] }: NonNullable<Handler['httpGet']>): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.36', accept: '*/*' }
  for (const { name, value } of httpHeaders) headers[name.toLowerCase()] = value
  return headers
}

function ask(
  { host, port }: ProbeTarget,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<{ status: number; location: string | undefined }> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const options = {
      agent: false,
      host,
      port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, ...headers },
      // Certificates of pods are their own: a probe asks for an answer, not for who gives it.
      rejectUnauthorized: false,
      signal,
    }
    const request = send(options, (response: IncomingMessage) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location })
      request.destroy()
    })
    request.on('error', reject)
    request.end()
  })
}
