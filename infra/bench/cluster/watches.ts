import { get, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { quantile, type Row } from '../row.ts'
import type { Server } from './processes.ts'
import { call } from './requests.ts'

const WATCHERS = 100
const RUNS = 40
const WATCHED = '/api/v1/namespaces/default/configmaps'
const OBJECT = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'watched' } }

/** How long one change takes to each of 100 watchers: to the middle one, and to the last. */
export async function benchWatches(cluster: Server, bare: Server, note: (text: string) => void): Promise<Row[]> {
  note(`local cluster: ${WATCHERS} watchers`)
  await call(cluster, 'POST', WATCHED, JSON.stringify(OBJECT))
  const own = await latencies(cluster, `${WATCHED}?watch=1&fieldSelector=metadata.name%3Dwatched`, (mark) =>
    call(cluster, 'PATCH', `${WATCHED}/watched`, JSON.stringify({ data: { mark } }), 'application/merge-patch+json'),
  )
  const event = (mark: string) => `${JSON.stringify({ type: 'MODIFIED', object: { ...OBJECT, data: { mark } } })}\n`
  const base = await latencies(bare, '/stream', (mark) => call(bare, 'POST', '/event', event(mark)))
  const common = { unit: 'ms', baseline: 'bare Node HTTP server writing the event to 100 streams' } as const
  return [
    {
      ...common,
      what: 'local cluster, change → middle of 100 watchers',
      samples: own.middle,
      baselineSamples: base.middle,
    },
    { ...common, what: 'local cluster, change → last of 100 watchers', samples: own.last, baselineSamples: base.last },
  ]
}

/** Opens the streams, makes the changes one after the other, and answers the times in ms from each request to its events. */
async function latencies(
  server: Server,
  path: string,
  change: (mark: string) => Promise<unknown>,
): Promise<{ middle: number[]; last: number[] }> {
  let mark = ''
  let arrivals: number[] = []
  let everyone = Promise.withResolvers<void>()
  const onLine = (line: string) => {
    if (mark === '' || !line.includes(`"${mark}"`)) return
    arrivals.push(performance.now())
    if (arrivals.length === WATCHERS) everyone.resolve()
  }
  const streams = await Promise.all(Array.from({ length: WATCHERS }, () => open(server, path)))
  for (const stream of streams)
    createInterface({ input: stream })
      .on('line', onLine)
      .on('error', () => undefined)
  const result = { middle: [] as number[], last: [] as number[] }
  try {
    for (let run = 1; run <= RUNS; run += 1) {
      mark = `mark-${run}`
      arrivals = []
      everyone = Promise.withResolvers()
      const startedAt = performance.now()
      await Promise.all([change(mark), everyone.promise])
      const took = arrivals.map((at) => at - startedAt)
      result.middle.push(quantile(took, 0.5))
      result.last.push(quantile(took, 1))
    }
  } finally {
    for (const stream of streams) stream.destroy()
  }
  return result
}

function open(server: Server, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = get(`${server.url}${path}`, { headers: server.headers, agent: false }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`${path} answered ${response.statusCode}`))
    })
    outgoing.on('error', reject)
  })
}
