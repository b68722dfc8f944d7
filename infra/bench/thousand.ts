import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedPostgres } from '@slipway/db/embedded'
import type { AppRef } from '@slipway/domain'
import { z } from 'zod'
import { ADMIN, type Api, apiWith, createShop, tokenFor } from '../../e2e/support/api.ts'
import { type Installation, startInstallation, until } from '../../e2e/support/installation.ts'
import { leftover } from './leftovers.ts'
import { clusterAccess } from './streams.ts'

const APPS = 1000
/** Instances of each: 5,000 simulated pods together. */
const INSTANCES = 5
/** An environment has 500 apps at most. */
const ENVIRONMENTS = ['production', 'staging'] as const
const CALLERS = 10
/** Pods start and end this many times as quickly as ordinary ones. */
const SPEED = 20

/** An installation with 1,000 apps of five simulated pods each. */
export interface Thousand {
  installation: Installation
  databaseUrl: string
  api: Api
  token: string
  apps: AppRef[]
  /** From the first call until every app was created, and until every Deployment was applied, in ms. */
  createdMs: number
  appliedMs: number
  /** The platform's CPU from the first call until everything was applied, in ms. */
  cpuMs: number
  kubeconfig: string
  remove(): Promise<void>
}

/** CPU that a process has used, in ms. Reference: proc_pid_stat(5), utime and stime in ticks of 10 ms. */
export function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Of all Deployments of the cluster: every one is an app's. A selector would keep the API server from counting the rest. */
async function countDeployments({ url, token }: Awaited<ReturnType<typeof clusterAccess>>): Promise<number> {
  const answer = await fetch(`${url}/apis/apps/v1/deployments?limit=1`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const list = z.object({
    items: z.array(z.unknown()),
    metadata: z.object({ remainingItemCount: z.number().default(0) }),
  })
  const { items, metadata } = list.parse(await answer.json())
  return items.length + metadata.remainingItemCount
}

export async function startThousand(note: (text: string) => void): Promise<Thousand> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-'))
  const removeDir = leftover(() => rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const postgres = await startEmbeddedPostgres({ dir })
  const stopPostgres = leftover(() => postgres.stop())
  const installation = await startInstallation({
    env: {
      ...{ SLIPWAY_ADMIN_EMAIL: ADMIN.email, SLIPWAY_ADMIN_PASSWORD: ADMIN.password, DATABASE_URL: postgres.url },
      ...{ SLIPWAY_CLUSTER_RUNTIME: 'simulated', SLIPWAY_CLUSTER_SIMULATION_SPEED: String(SPEED) },
      ...{ SLIPWAY_LIMIT_SUBSCRIPTIONS: '1000', SLIPWAY_LIMIT_CALLS: String(CALLERS) },
    },
  })
  const removeInstallation = leftover(() => installation.remove())
  const token = await tokenFor(installation.url)
  const api = apiWith(installation.url, token)
  const place = await createShop(api)
  await api.environment.create.mutate({
    team: place.team,
    project: place.project,
    environment: 'staging',
    kind: 'staging',
  })
  const apps = Array.from({ length: APPS }, (_, n) => ({
    ...place,
    environment: ENVIRONMENTS[n % ENVIRONMENTS.length] ?? 'production',
    app: `app-${String(n).padStart(4, '0')}`,
  }))
  note(`${APPS} apps with ${INSTANCES} simulated pods each`)
  const access = await clusterAccess(installation.stateDir)
  const pid = installation.pidOf('Platform')
  const [startedAt, cpuBefore] = [performance.now(), cpuMsOf(pid)]
  const rest = [...apps]
  const caller = async () => {
    const own = apiWith(installation.url, token)
    for (let app = rest.shift(); app !== undefined; app = rest.shift()) {
      await own.app.create.mutate({ ...app, source: { kind: 'image', image: 'nginx:1' } })
      await own.app.scale.mutate({
        ...app,
        processes: [{ name: 'web', instances: INSTANCES, cpuMillis: 10, memoryMiB: 32 }],
      })
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  const createdMs = performance.now() - startedAt
  await until('all Deployments', async () => (await countDeployments(access)) === APPS, 600_000)
  const appliedMs = performance.now() - startedAt
  const cpuMs = cpuMsOf(pid) - cpuBefore
  note(
    `applied after ${Math.round(appliedMs / 1000)} s, with ${Math.round(cpuMs / 1000)} s of the platform’s CPU; until all are healthy`,
  )
  const isHealthy = async () => (await api.app.list.query({})).every(({ health }) => health.status === 'Healthy')
  await until('all apps to be healthy', isHealthy, 600_000)
  return {
    ...{ installation, databaseUrl: postgres.url, api, token, apps, createdMs, appliedMs, cpuMs },
    kubeconfig: path.join(installation.stateDir, 'cluster', 'kubeconfig'),
    async remove() {
      await removeInstallation()
      await stopPostgres()
      await removeDir()
    },
  }
}
