import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openDatabase } from '@slipway/db'
import { TEST_SECRET_KEY } from '@slipway/db/testing'
import { startCluster } from './cluster/processes.ts'
import { residentMiB } from './programs.ts'
import { quantile, type Row } from './row.ts'
import { clusterAccess } from './streams.ts'
import { cpuMsOf, startThousand, type Thousand } from './thousand.ts'

const CALLS = 40
const RESYNC_WAIT_MS = 15_000
const exec = promisify(execFile)
/** Kinds that Slipway applies for an app, as paths of the API. */
const KINDS = [
  'api/v1/secrets',
  'api/v1/services',
  'apis/apps/v1/deployments',
  'apis/networking.k8s.io/v1/ingresses',
  'apis/policy/v1/poddisruptionbudgets',
]

/** 1,000 apps from nothing to applied, their list, an idle resync of all of them, and memory. */
export async function benchScale(note: (text: string) => void): Promise<Row[]> {
  const thousand = await startThousand(note)
  try {
    return [
      ...(await appliedRows(thousand, note)),
      ...(await listRows(thousand, note)),
      ...(await resyncRows(thousand, note)),
    ]
  } finally {
    await thousand.remove()
  }
}

async function appliedRows(thousand: Thousand, note: (text: string) => void): Promise<Row[]> {
  const objects = await appliedObjects(thousand)
  note(`kubectl applies the same ${objects.length} objects to an empty cluster`)
  const kubectlMs = await applyWithKubectl(objects)
  const apps = thousand.apps.length
  const baseline = `kubectl apply --server-side of the same ${objects.length} objects`
  const row = (what: string, ms: number): Row => ({
    ...{ what, unit: 'ms', samples: [ms], baseline, baselineSamples: [kubectlMs] },
  })
  return [
    row(`${apps} apps created, scaled and applied, ten callers`, thousand.appliedMs),
    row('of it until the last call was answered', thousand.createdMs),
    row('the platform’s CPU for it', thousand.cpuMs),
  ]
}

type Manifest = { kind: string; metadata: Record<string, unknown>; status?: unknown }

/** What Slipway applied for apps, as one would have written it. */
async function appliedObjects({ installation }: Thousand): Promise<Manifest[]> {
  const access = await clusterAccess(installation.stateDir)
  const found: Manifest[] = []
  for (const kind of KINDS) {
    const answer = await fetch(`${access.url}/${kind}?labelSelector=slipway.dev%2Fapp`, {
      headers: { authorization: `Bearer ${access.token}` },
    })
    const list = (await answer.json()) as { apiVersion: string; kind: string; items: Manifest[] }
    for (const { status: _, metadata, ...item } of list.items) {
      const { name, namespace, labels, annotations } = metadata
      const about = { apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, '') }
      found.push({ ...about, ...item, metadata: { name, namespace, labels, annotations } })
    }
  }
  return found
}

async function applyWithKubectl(objects: readonly Manifest[]): Promise<number> {
  const cluster = await startCluster({ runtime: 'simulated', speed: 20 })
  try {
    const file = path.join(cluster.stateDir, 'objects.json')
    const namespaces = path.join(cluster.stateDir, 'namespaces.json')
    const names = [...new Set(objects.map(({ metadata }) => metadata.namespace))]
    const list = (items: unknown[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    await writeFile(
      namespaces,
      list(names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))),
    )
    await writeFile(file, list(objects.map(withoutAddresses)))
    const kubectl = (...args: string[]) =>
      exec('kubectl', ['--kubeconfig', path.join(cluster.stateDir, 'kubeconfig'), ...args], { maxBuffer: 64 * 2 ** 20 })
    await kubectl('apply', '--server-side', '--validate=false', '-f', namespaces)
    const startedAt = performance.now()
    await kubectl('apply', '--server-side', '--validate=false', '-f', file)
    return performance.now() - startedAt
  } finally {
    await cluster.stop()
  }
}

/** A Service's address is the cluster's to give. */
function withoutAddresses(object: Manifest): Manifest {
  if (object.kind !== 'Service') return object
  const { clusterIP: _, clusterIPs: __, ...spec } = Reflect.get(object, 'spec') as Record<string, unknown>
  return { ...object, spec } as Manifest
}

async function listRows({ api, apps }: Thousand, note: (text: string) => void): Promise<Row[]> {
  note(`app.list of ${apps.length}, ${CALLS} times`)
  const [all, none] = [[] as number[], [] as number[]]
  for (let call = 0; call < CALLS; call++) {
    all.push(await timed(() => api.app.list.query({})))
    none.push(await timed(() => api.app.list.query({ environment: 'none' })))
  }
  const p95 = (samples: number[]) => [quantile(samples, 0.95)]
  return [
    {
      ...{ what: `p95 of app.list of ${apps.length} apps`, unit: 'ms', samples: p95(all) },
      ...{ baseline: 'of the same call that finds none', baselineSamples: p95(none) },
    },
  ]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** A listener that was cut makes the platform read every row and reconcile every id, as it does every five minutes. */
async function resyncRows(thousand: Thousand, note: (text: string) => void): Promise<Row[]> {
  note('a resync of all of them')
  const { installation, databaseUrl } = thousand
  const pid = installation.pidOf('Platform')
  const access = await clusterAccess(installation.stateDir)
  const database = openDatabase(databaseUrl, { secretKey: TEST_SECRET_KEY })
  try {
    const writes = async () => {
      const { rows } = await database.pool.query<{ writes: string }>(
        `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) AS writes FROM pg_stat_user_tables WHERE relname IN ('apps', 'releases', 'builds')`,
      )
      return Number(rows[0]?.writes)
    }
    const versionOf = async () => {
      const answer = await fetch(`${access.url}/apis/apps/v1/deployments?limit=1`, {
        headers: { authorization: `Bearer ${access.token}` },
      })
      return Number(((await answer.json()) as { metadata: { resourceVersion: string } }).metadata.resourceVersion)
    }
    const idle = await cpuDuring(pid, RESYNC_WAIT_MS)
    const before = { rows: await writes(), version: await versionOf() }
    const busy = await cpuDuring(pid, RESYNC_WAIT_MS, () =>
      database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'slipway-listen'`,
      ),
    )
    const after = { rows: await writes(), version: await versionOf() }
    const wrote = `${after.rows - before.rows} rows and ${after.version - before.version} objects written`
    return [
      {
        ...{ what: `the platform’s CPU for a resync of 1,000 apps (${wrote})`, unit: 'ms', samples: [busy - idle] },
        ...{ baseline: `its CPU in ${RESYNC_WAIT_MS / 1000} idle seconds`, baselineSamples: [idle] },
      },
      {
        ...{ what: 'the platform’s resident memory with 1,000 apps and 5,000 pods', unit: 'MiB' },
        ...{
          samples: [residentMiB(pid)],
          baseline: 'the local cluster’s',
          baselineSamples: [residentMiB(installation.pidOf('Local cluster'))],
        },
      },
    ]
  } finally {
    await database.close()
  }
}

async function cpuDuring(pid: number, ms: number, start?: () => Promise<unknown>): Promise<number> {
  const before = cpuMsOf(pid)
  await start?.()
  await sleep(ms)
  return cpuMsOf(pid) - before
}
