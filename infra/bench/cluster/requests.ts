import { Agent, request } from 'node:http'
import type { Row } from '../row.ts'
import type { Server } from './processes.ts'

const RUNS = 5
const ROUND_MS = 700
const CONCURRENCY = 8
const LIST_LENGTH = 1_000

const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })

/** One HTTP request over a kept connection. @throws Error where it is not answered with 2xx. */
export function call(
  server: Server,
  method: string,
  path: string,
  body?: string,
  type = 'application/json',
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { ...server.headers, ...(body === undefined ? {} : { 'content-type': type }) }
    const outgoing = request(`${server.url}${path}`, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const answer = Buffer.concat(chunks)
        const { statusCode = 0 } = response
        if (statusCode >= 200 && statusCode < 300) resolve(answer)
        else reject(new Error(`${method} ${path}: ${statusCode} ${answer.toString('utf8').slice(0, 300)}`))
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** Requests a second with eight at a time, for about the given time. */
async function rate(one: (index: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  let count = 0
  const worker = async () => {
    while (performance.now() - startedAt < ROUND_MS) await one(count++)
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  return count / ((performance.now() - startedAt) / 1000)
}

const BASE = '/api/v1/namespaces/default/configmaps'
const LISTED = '/api/v1/namespaces/listed/configmaps'

const configMap = (name: string, value = 'blue') =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'bench' } },
    data: { colour: value, text: 'x'.repeat(200) },
  })

interface Work {
  what: string
  /** The same request to either server; `run` tells rounds apart. */
  one(server: Server, run: string, index: number): Promise<unknown>
}

const WORK: Work[] = [
  { what: 'get', one: (server) => call(server, 'GET', `${BASE}/got`) },
  { what: `list of ${LIST_LENGTH.toLocaleString('en')}`, one: (server) => call(server, 'GET', LISTED) },
  { what: 'create', one: (server, run, index) => call(server, 'POST', BASE, configMap(`c-${run}-${index}`)) },
  {
    what: 'apply (server-side, changes a value)',
    one: (server, run, index) =>
      call(
        server,
        'PATCH',
        `${BASE}/applied-${index % 50}?fieldManager=bench&force=true`,
        configMap(`applied-${index % 50}`, `${run}-${index}`),
        'application/apply-patch+yaml',
      ),
  },
]

/** Requests per second of the four requests that matter, against a server that answers the same bytes without thinking. */
export async function benchRequests(cluster: Server, bare: Server, note: (text: string) => void): Promise<Row[]> {
  await prepare(cluster, bare)
  const rows: Row[] = []
  for (const { what, one } of WORK) {
    note(`local cluster: ${what}`)
    const [samples, baselineSamples] = [[] as number[], [] as number[]]
    for (let run = 0; run <= RUNS; run += 1) {
      const [own, base] = [
        await rate((index) => one(cluster, String(run), index)),
        await rate((index) => one(bare, String(run), index)),
      ]
      if (run === 0) continue // Both warm up.
      samples.push(own)
      baselineSamples.push(base)
    }
    rows.push({
      what: `local cluster, ${what}`,
      unit: 'requests/s',
      samples,
      baseline: 'bare Node HTTP server answering the same bytes',
      baselineSamples,
    })
  }
  return rows
}

/** Fills the cluster, and gives the bare server the answers of the cluster. */
async function prepare(cluster: Server, bare: Server): Promise<void> {
  await call(cluster, 'POST', '/api/v1/namespaces', JSON.stringify({ metadata: { name: 'listed' } }))
  await call(cluster, 'POST', BASE, configMap('got'))
  for (let index = 0; index < LIST_LENGTH; index += CONCURRENCY) {
    const names = Array.from({ length: Math.min(CONCURRENCY, LIST_LENGTH - index) }, (_, next) => `l-${index + next}`)
    await Promise.all(names.map((name) => call(cluster, 'POST', LISTED, configMap(name))))
  }
  for (const path of [`${BASE}/got`, LISTED]) {
    await call(bare, 'PUT', path, (await call(cluster, 'GET', path)).toString('utf8'))
  }
}
