import type { ServerResponse } from 'node:http'
import { NoSuchPath } from './request-info.ts'
import { sendText } from './respond.ts'

/** Checks by name. The store runs in process, so a response means that it works. */
const checks: Record<string, readonly string[]> = {
  healthz: ['ping', 'log', 'etcd'],
  livez: ['ping', 'log', 'etcd'],
  readyz: ['ping', 'log', 'etcd', 'informer-sync', 'shutdown'],
}

export const isHealthPath = (path: string) => /^\/(?:healthz|livez|readyz)(?:\/|$)/.test(path)

/** /healthz, /livez, /readyz and each of their checks. Reference: https://kubernetes.io/docs/reference/using-api/health-checks/ */
export function serveHealth(path: string, query: URLSearchParams, response: ServerResponse): void {
  const [, name = '', check, ...more] = path.split('/')
  const known = checks[name] ?? []
  if (more.length > 0 || (check !== undefined && !known.includes(check))) throw new NoSuchPath(path)
  if (check !== undefined || !query.has('verbose')) {
    sendText(response, 200, 'ok')
    return
  }
  const excluded = query.getAll('exclude')
  const lines = known.map((each) => `[+]${each} ${excluded.includes(each) ? 'excluded: ok' : 'ok'}`)
  const unknown = excluded.filter((each) => !known.includes(each)).map((each) => JSON.stringify(each))
  const warning = `warn: some health checks cannot be excluded: no matches for ${unknown.join(', ')}`
  const text = [...lines, ...(unknown.length > 0 ? [warning] : []), `${name} check passed`]
  sendText(response, 200, `${text.join('\n')}\n`)
}
