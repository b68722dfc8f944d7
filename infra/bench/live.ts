import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fetchApp, untilHealthy } from '../../e2e/support/api.ts'
import { until } from '../../e2e/support/installation.ts'
import { openBrowser, type WatchedPage } from './browser.ts'
import type { Deployed } from './deployed.ts'
import { frameRows } from './frames.ts'
import type { Row } from './row.ts'
import { clusterAccess, openSocket, podUid, tailFile, watchPods } from './streams.ts'

const POD_RUNS = 7
const LOG_RUNS = 30
const NAMESPACE = 'slipway-acme-shop-production'

/** What is seen of one change, by whom, and when (epoch, ms). */
type Sightings = Record<'bare' | 'socket', Map<string, number>>

const seen = (): Sightings => ({ bare: new Map(), socket: new Map() })
const note = (map: Map<string, number>, key: string) => {
  if (!map.has(key)) map.set(key, Date.now())
}

/** Pod change → browser and log line → browser. In Chromium where the machine has one, and in a tRPC client on the same WebSocket. */
export async function benchLive(deployed: Deployed, say: (text: string) => void): Promise<Row[]> {
  const browser = await openBrowser(deployed.installation.url)
  if (browser === null) say('no Chromium here: pages are not measured, only their WebSocket')
  const socket = openSocket(deployed.installation.url, deployed.token)
  const page = `${deployed.installation.url}/acme/shop/production/bench`
  try {
    const context = { deployed, socket }
    const rows = await podRows(context, (await browser?.open(page)) ?? null, say)
    const logs = (await browser?.open(`${page}/logs`)) ?? null
    rows.push(...(await logRows(context, logs, say)))
    if (logs !== null) rows.push(...(await frameRows(deployed, logs, say)))
    return rows
  } finally {
    await socket.stop()
    await browser?.close()
  }
}

interface Context {
  deployed: Deployed
  socket: ReturnType<typeof openSocket>
}

/** Deletes the app's pod; measured is when each watcher shows it as terminating. */
async function podRows({ deployed, socket }: Context, page: WatchedPage | null, say: (text: string) => void) {
  const sightings = seen()
  const access = await clusterAccess(deployed.installation.stateDir)
  const watch = await watchPods(access, NAMESPACE, ({ object }) => {
    if (object.metadata.deletionTimestamp) note(sightings.bare, object.metadata.name)
  })
  const subscription = socket.api.live.app.subscribe(deployed.ref, {
    onData: ({ instanceList }) => {
      for (const { name, state } of instanceList) if (state === 'stopping') note(sightings.socket, name)
    },
  })
  const samples = { bare: [] as number[], socket: [] as number[], page: [] as number[] }
  try {
    for (let index = 1; index <= POD_RUNS; index += 1) {
      say(`pod change ${index} of ${POD_RUNS}`)
      const name = await settledPod(deployed)
      await page?.page.getByText('1 of 1 ready').waitFor()
      await page?.watch(new RegExp(`${name.split('-').at(-1)}\\s*Stopping`))
      const changedAt = Date.now()
      const deleted = await fetch(`${access.url}/api/v1/namespaces/${NAMESPACE}/pods/${name}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${access.token}` },
      })
      if (!deleted.ok) throw new Error(`deleting ${name}: ${deleted.status} ${await deleted.text()}`)
      samples.bare.push((await sighting(sightings.bare, name)) - changedAt)
      samples.socket.push((await sighting(sightings.socket, name)) - changedAt)
      if (page !== null) samples.page.push((await page.seenAt()) - changedAt)
    }
  } finally {
    subscription.unsubscribe()
    await watch.stop()
  }
  return rowsOf('pod change', samples, 'bare watch of the same API, one HTTP stream')
}

/** Name of the one pod once the app is healthy with nothing on its way out. */
async function settledPod({ api, ref }: Deployed): Promise<string> {
  await untilHealthy(api, ref)
  return until('one instance', async () => {
    const { instanceList } = await api.app.get.query(ref)
    const [only] = instanceList
    return instanceList.length === 1 && only?.ready ? only.name : null
  })
}

/** Lets the app write lines; each says when it was written. */
async function logRows({ deployed, socket }: Context, page: WatchedPage | null, say: (text: string) => void) {
  const sightings = seen()
  const written = new Map<string, number>()
  const read = (map: Map<string, number>) => (line: string) => {
    const [, mark, at] = /mark (\S+) at (\d+)/.exec(line) ?? []
    if (mark === undefined) return
    note(map, mark)
    written.set(mark, Number(at))
  }
  const name = await settledPod(deployed)
  await fetchApp(deployed.appUrl, '/mark/before')
  const { stateDir } = deployed.installation
  const uid = await podUid(await clusterAccess(stateDir), NAMESPACE, name)
  const file = await until('the log file', () => findLog(stateDir, uid))
  const tail = await tailFile(file, read(sightings.bare))
  const heard = read(sightings.socket)
  const subscription = socket.api.live.logs.subscribe(
    { ...deployed.ref, tail: 10 },
    { onData: ({ data }) => data.lines.forEach(({ text }) => void heard(text)) },
  )
  const samples = { bare: [] as number[], socket: [] as number[], page: [] as number[] }
  try {
    await sighting(sightings.socket, 'before')
    if (page !== null) {
      await page.watch(/mark before at/)
      await page.seenAt()
    }
    say(`log line, ${LOG_RUNS} times`)
    for (let index = 1; index <= LOG_RUNS; index += 1) {
      const mark = `m${index}`
      await page?.watch(new RegExp(`mark ${mark} at`))
      await fetchApp(deployed.appUrl, `/mark/${mark}`)
      const [bare, pushed] = [await sighting(sightings.bare, mark), await sighting(sightings.socket, mark)]
      const at = written.get(mark) ?? Number.NaN
      samples.bare.push(bare - at)
      samples.socket.push(pushed - at)
      if (page !== null) samples.page.push((await page.seenAt()) - at)
    }
  } finally {
    subscription.unsubscribe()
    await tail.stop()
  }
  return rowsOf('log line', samples, 'tail -F of the pod’s log file')
}

/** The log file of the one container of a pod, by the pod's uid in the local cluster's state. */
function findLog(stateDir: string, podUid: string): string | null {
  const dir = path.join(stateDir, 'cluster')
  const found = readdirSync(dir, { recursive: true, encoding: 'utf8' }).find(
    (file) => file.includes(podUid) && file.endsWith('.log'),
  )
  return found === undefined ? null : path.join(dir, found)
}

async function sighting(map: Map<string, number>, key: string): Promise<number> {
  return until(`${key} to be seen`, () => map.get(key))
}

function rowsOf(what: string, samples: Record<'bare' | 'socket' | 'page', number[]>, baseline: string): Row[] {
  const common = { unit: 'ms', baseline, baselineSamples: samples.bare } as const
  const rows: Row[] = [{ ...common, what: `${what} → WebSocket subscription (tRPC client)`, samples: samples.socket }]
  if (samples.page.length > 0) rows.push({ ...common, what: `${what} → page (Chromium, DOM)`, samples: samples.page })
  return rows
}
