import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { hostOf, type Picker, retrying, type UnavailablePage } from '@slipway/proxy'
import type { LocalApi } from '../types/client.ts'
import { noSuchHostPage } from './pages.ts'
import type { EndpointPicker } from './picker.ts'
import type { Route, RoutingTable } from './routes.ts'
import { chooseBackend } from './rules.ts'
import { createUnavailablePages } from './unavailable.ts'

/** An answer of the ingress's own. */
interface Answer {
  status: number
  headers: Record<string, string>
  page: UnavailablePage
}

/** What is to be done with a request. */
type Plan = { answer: Answer } | { pick: Picker; page: UnavailablePage }

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const FALLBACK_HOLD_MS = 15_000

/** Decides by the routing table where requests go. */
export function createPlanner(options: {
  api: LocalApi
  table: RoutingTable
  picker: EndpointPicker
  /** Where requests for unknown hosts go. */
  fallback: URL | null
  onUnknownHost: () => void
}): (request: IncomingMessage) => Plan {
  const { table, picker, fallback } = options
  const unavailablePage = createUnavailablePages(options.api)
  const unknown = (): Plan => {
    options.onUnknownHost()
    if (fallback === null) return { answer: { status: 404, headers: HTML, page: noSuchHostPage } }
    const upstream = { host: fallback.hostname, port: Number(fallback.port || 80) }
    return { pick: retrying(upstream, FALLBACK_HOLD_MS), page: noSuchHostPage }
  }
  return (request) => {
    // What is no URL is routed as `/`.
    const url = URL.parse(request.url ?? '/', 'http://ingress') ?? new URL('http://ingress/')
    const { pathname: path, searchParams: query } = url
    const { method = 'GET', headers } = request
    const rule = table.find(hostOf(request), { path, query, method, headers })
    if (rule === null) return unknown()
    const backend = chooseBackend(rule)
    const route: Route = { namespace: rule.namespace, service: backend?.service ?? '', port: backend?.port ?? {} }
    const page = () => unavailablePage(route)
    const broken = backend === null || backend.refused || !table.exists(route)
    if (broken && rule.brokenStatus === 500) {
      return { answer: { status: 500, headers: HTML, page } }
    }
    return { pick: picker.of(route), page }
  }
}

/** Sends an answer of the ingress's own. */
export async function sendAnswer(response: ServerResponse, { status, headers, page }: Answer): Promise<void> {
  const body = await page()
  if (response.destroyed) return
  response.writeHead(status, { 'cache-control': 'no-store', ...headers })
  response.end(body)
}

/** The same for a connection that was to be upgraded; without its page. */
export function endUpgrade(socket: Duplex, { status }: Answer): void {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`]
  socket.end(`${[...lines, 'Connection: close', 'Content-Length: 0'].join('\r\n')}\r\n\r\n`)
}
