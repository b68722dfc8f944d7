import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppRef } from '@slipway/domain'
import { z } from 'zod'
import { until } from '../../e2e/support/installation.ts'
import { end, residentMiB } from './programs.ts'
import { quantile, type Row } from './row.ts'
import { clusterAccess, openSocket, readLines } from './streams.ts'
import { cpuMsOf, startThousand, type Thousand } from './thousand.ts'

const CHANGES = 60
const PAUSE_MS = 100
const WATCHERS = 200
const HOMES = 50
const SOCKETS = 25
const NAMESPACE = 'slipway-acme-shop-production'

const podSchema = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string() }),
  spec: z.object({ containers: z.array(z.object({ name: z.string() })) }),
})

/** When each watcher saw each change; times are those of this process. */
interface Seen {
  bare: Map<string, number>
  kubectl: Map<string, number>
  watchers: Map<string, number>[]
}

/** A pod's change on its way to 200 watchers of its app, among 50 home pages, 1,000 apps and 5,000 pods. */
export async function benchCrowd(note: (text: string) => void): Promise<Row[]> {
  const thousand = await startThousand(note)
  try {
    return await measure(thousand, note)
  } finally {
    await thousand.remove()
  }
}

async function measure(thousand: Thousand, note: (text: string) => void): Promise<Row[]> {
  const access = await clusterAccess(thousand.installation.stateDir)
  const headers = { authorization: `Bearer ${access.token}` }
  const [ref] = thousand.apps
  if (ref === undefined) throw new Error('there are no apps')
  const pods = `${access.url}/api/v1/namespaces/${NAMESPACE}/pods`
  const selector = encodeURIComponent(`slipway.dev/app=${ref.app}`)
  const listed = z
    .object({ items: z.array(podSchema) })
    .parse(await (await fetch(`${pods}?labelSelector=${selector}`, { headers })).json())
  const [pod] = listed.items
  if (pod === undefined) throw new Error('the app has no pod')
  const seen: Seen = { bare: new Map(), kubectl: new Map(), watchers: [] }
  const stops = [
    await watchBare(`${pods}?watch=1&labelSelector=${selector}`, headers, seen.bare),
    await watchKubectl(thousand.kubeconfig, selector, seen.kubectl),
    await watchApp(thousand, ref, pod.metadata.name, seen.watchers),
  ]
  const pid = thousand.installation.pidOf('Platform')
  const cpuBefore = cpuMsOf(pid)
  note(`${CHANGES} changes of a pod, ${WATCHERS} watchers of its app, ${HOMES} home pages`)
  /** Per change: when it was made, the version that watches see, the time that the view shows. */
  const changes: { at: number; version: string; startedAt: string }[] = []
  for (let n = 0; n < CHANGES; n++) {
    const startedAt = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString().replace('.000Z', 'Z')
    const name = pod.spec.containers[0]?.name ?? ''
    const body = JSON.stringify({ status: { containerStatuses: [{ name, state: { running: { startedAt } } }] } })
    const at = performance.now()
    const answer = await fetch(`${pods}/${pod.metadata.name}/status`, {
      ...{ method: 'PATCH', body },
      headers: { ...headers, 'content-type': 'application/strategic-merge-patch+json' },
    })
    if (!answer.ok) throw new Error(`the change: ${answer.status} ${await answer.text()}`)
    changes.push({ at, startedAt, version: podSchema.parse(await answer.json()).metadata.resourceVersion })
    await sleep(PAUSE_MS)
  }
  const last = changes.at(-1)?.startedAt ?? ''
  await until('everyone to have seen the last change', () => seen.watchers.every((each) => each.has(last)))
  const cpuMs = cpuMsOf(pid) - cpuBefore
  for (const stop of stops) await stop()
  return rowsOf(seen, changes, { cpuMs, memoryMiB: residentMiB(pid) })
}

function rowsOf(
  seen: Seen,
  changes: readonly { at: number; version: string; startedAt: string }[],
  platform: { cpuMs: number; memoryMiB: number },
): Row[] {
  const delays = (map: ReadonlyMap<string, number>, key: 'version' | 'startedAt') =>
    changes.flatMap((change) => {
      const at = map.get(change[key])
      return at === undefined ? [] : [at - change.at]
    })
  const [bare, kubectl] = [delays(seen.bare, 'version'), delays(seen.kubectl, 'version')]
  const watchers = seen.watchers.flatMap((map) => delays(map, 'startedAt'))
  const lost = WATCHERS * changes.length - watchers.length
  const what = `pod change → ${WATCHERS} subscribers, beside ${HOMES} home pages, 1,000 apps, 5,000 pods`
  const p99 = (samples: number[]) => [quantile(samples, 0.99)]
  return [
    { what, unit: 'ms', samples: watchers, baseline: 'kubectl get pods -w', baselineSamples: kubectl },
    { what, unit: 'ms', samples: watchers, baseline: 'bare watch', baselineSamples: bare },
    {
      ...{ what: `p99 of it (${lost} of ${WATCHERS * changes.length} updates lost)`, unit: 'ms' },
      ...{ samples: p99(watchers), baseline: 'p99 of kubectl get pods -w', baselineSamples: p99(kubectl) },
    },
    {
      ...{ what: 'the platform’s CPU for one such change', unit: 'ms', samples: [platform.cpuMs / changes.length] },
      ...{ baseline: `one such change in ${PAUSE_MS} ms and what it takes to make it`, baselineSamples: [PAUSE_MS] },
    },
    {
      ...{ what: 'the platform’s resident memory with them', unit: 'MiB', samples: [platform.memoryMiB] },
      ...{ baseline: 'the benchmark, which holds all watchers', baselineSamples: [residentMiB(process.pid)] },
    },
  ]
}

const note = (map: Map<string, number>, key: string) => {
  if (!map.has(key)) map.set(key, performance.now())
}

async function watchBare(
  url: string,
  headers: Record<string, string>,
  seen: Map<string, number>,
): Promise<() => Promise<void>> {
  const abort = new AbortController()
  const response = await fetch(url, { headers, signal: abort.signal })
  if (response.body === null) throw new Error(`the watch answered ${response.status}`)
  const event = z.object({ object: z.object({ metadata: z.object({ resourceVersion: z.string() }) }) })
  const reading = readLines(response.body, (line) =>
    note(seen, event.parse(JSON.parse(line)).object.metadata.resourceVersion),
  ).catch((error) => {
    if (!abort.signal.aborted) throw error
  })
  return async () => {
    abort.abort()
    await reading
  }
}

async function watchKubectl(
  kubeconfig: string,
  selector: string,
  seen: Map<string, number>,
): Promise<() => Promise<void>> {
  const columns = 'custom-columns=V:.metadata.resourceVersion'
  const args = ['get', 'pods', '-w', '--no-headers', '-n', NAMESPACE, '-l', decodeURIComponent(selector), '-o', columns]
  const child = spawn('kubectl', ['--kubeconfig', kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout }).on('line', (line) => note(seen, line.trim()))
  await until('kubectl to list', () => seen.size > 0)
  return () => end(child)
}

async function watchApp(
  { installation, token, apps }: Thousand,
  ref: AppRef,
  pod: string,
  watchers: Map<string, number>[],
): Promise<() => Promise<void>> {
  const sockets = Array.from({ length: SOCKETS }, () => openSocket(installation.url, token))
  const apiOf = (n: number) => (sockets[n % SOCKETS] ?? openSocket(installation.url, token)).api
  for (let n = 0; n < WATCHERS; n++) {
    const seen = new Map<string, number>()
    watchers.push(seen)
    apiOf(n).live.app.subscribe(ref, {
      onData({ instanceList }) {
        const startedAt = instanceList.find(({ name }) => name === pod)?.startedAt
        if (startedAt) note(seen, startedAt)
      },
    })
  }
  const homes = Array.from({ length: HOMES }, () => 0)
  for (const n of homes.keys()) {
    apiOf(n).live.apps.subscribe(
      {},
      {
        onData({ changed }) {
          homes[n] = (homes[n] ?? 0) + changed.length
        },
      },
    )
  }
  const haveBegun = () => watchers.every(({ size }) => size > 0) && homes.every((count) => count >= apps.length)
  await until('all watchers to have begun', haveBegun, 120_000)
  return async () => {
    for (const socket of sockets) await socket.stop()
  }
}
