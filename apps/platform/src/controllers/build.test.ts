import { applyConfig } from '@slipway/db'
import { createTestDatabase, TEST_SECRET_KEY, type TestDatabase } from '@slipway/db/testing'
import { type Cluster, connectCluster } from '@slipway/kube'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, startTestApi, type TestApi, testToken } from '../../../../packages/local-cluster/src/testing/api.ts'
import type { PreparedBuild } from '../builds/prepare.ts'
import { readSettings } from '../env.ts'
import { createClusterCaches } from '../live/caches.ts'
import { createKeptLogs } from '../live/kept-logs.ts'
import { createMetrics } from '../metrics/instruments.ts'
import { createLogger } from '../server/logger.ts'
import { createSourceTokens } from '../sources/token.ts'
import { createBuildController } from './build.ts'
import type { ControllerContext } from './context.ts'

const IMAGE = `registry.slipway.internal/acme/shop-web@sha256:${'a'.repeat(64)}`
const NAMESPACE = 'slipway-builds'
const JOB = 'web-shop-production-acme-b1'

let database: TestDatabase
let api: TestApi
let cluster: Cluster
let appId = ''

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi()
  const headers = () => Promise.resolve({ authorization: `Bearer ${testToken}` })
  cluster = await connectCluster({ config: { server: api.server.plainUrl, proxyUrl: null, tls: {}, headers } })
  const { client } = database.db
  const team = await client.team.create({ data: { slug: 'acme', name: 'Acme' } })
  const project = await client.project.create({ data: { teamId: team.id, slug: 'shop', name: 'Shop' } })
  const place = { projectId: project.id, slug: 'production', kind: 'production', namespace: 'acme-shop' } as const
  const environment = await client.environment.create({ data: place })
  const app = { environmentId: environment.id, slug: 'web', sourceKind: 'git', hostPrefix: 'web' } as const
  appId = (await client.app.create({ data: app })).id
})
afterAll(async () => {
  await cluster?.close()
  await api?.stop()
  await database?.stop()
})

/** The controller on a cluster whose watches have not brought anything yet: its caches are empty. */
function controller() {
  const settings = readSettings({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    SLIPWAY_STATE_DIR: '/nonexistent',
    SLIPWAY_SECRET_KEY: TEST_SECRET_KEY,
    SLIPWAY_SESSION_SECRET: 'x'.repeat(32),
    SLIPWAY_REGISTRY: 'registry.slipway.internal',
    SLIPWAY_BUILDER_IMAGE: 'registry.slipway.internal/builder-{language}',
  })
  const { db } = database
  const context = {
    ...{ db, cluster, settings, canBuild: true, logger: createLogger('silent'), now: () => new Date() },
    caches: createClusterCaches(cluster, { hasGateway: false }),
    owner: { id: 'green', known: ['green'] },
    buildLogs: createKeptLogs(db, 'build'),
    buildSources: { prepare: () => Promise.resolve(PREPARED) },
    sourceTokens: createSourceTokens(TEST_SECRET_KEY),
    registry: null,
    metrics: createMetrics(),
    internalUrl: () => 'http://127.0.0.1:1',
    enqueue: () => undefined,
  }
  return createBuildController(context as unknown as ControllerContext)
}

const PREPARED: PreparedBuild = {
  strategy: 'native',
  language: 'node',
  settings: {
    ...{ rootDirectory: '', builder: 'automatic', dockerfile: 'Dockerfile', dockerfileTarget: null, buildArgs: {} },
    ...{ buildVars: ['NEXT_PUBLIC_*', 'SENTRY_DSN'], spaFallback: null, startTimeout: 120, cacheVersion: 2 },
  },
  slipwayFile: null,
  notes: ['Node.js detected'],
}

test('one build: prepared, made as a Job that names it, and judged by the API server, not by a watch that is late', async () => {
  const source = { commit: 'a'.repeat(40), branch: 'main', message: 'm', by: 'ada' }
  const { id } = await database.db.client.build.create({ data: { appId, number: 1, trigger: 'push', ...source } })
  const set = { NEXT_PUBLIC_API: 'https://api.example.com', SENTRY_DSN: 'dsn', DATABASE_URL: 'never in a build' }
  await applyConfig(database.db, { appId, set, unset: [], actor: { name: 'ada', email: 'ada@example.com' } })
  const builds = controller()
  await builds.reconcile(id)
  await builds.reconcile(id)
  await new Promise((resolve) => setTimeout(resolve, 50))
  await builds.reconcile(id)
  expect(await row(id)).toMatchObject({ status: 'running', strategy: 'native', attempts: 1 })
  const job = await api.request('GET', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${JOB}`)
  expect(job.body).toMatchObject({ metadata: { annotations: { 'slipway.dev/build-id': id } } })
  expect(job.text).toContain('registry.slipway.internal/builder-node')
  expect(job.text).toContain(`${appId}-2`)
  // The config vars that are chosen for the build, no others, and in its Secret alone.
  const vars = await api.request('GET', `/api/v1/namespaces/${NAMESPACE}/secrets/${JOB}-vars`)
  const data = { NEXT_PUBLIC_API: btoa('https://api.example.com'), SENTRY_DSN: btoa('dsn') }
  expect(vars.body).toMatchObject({ data, immutable: true })
  expect(Object.keys(pick(vars.body, 'data') ?? {})).toHaveLength(2)
  expect(job.text).not.toContain('api.example.com')

  await endJob()
  await builds.reconcile(id)
  expect(await row(id)).toMatchObject({ status: 'succeeded', image: IMAGE })
  await builds.stop()
})

test('a Job that is deleted by somebody is made once more, then the build fails in words', async () => {
  await database.db.client.build.updateMany({ data: { status: 'failed' } })
  const source = { commit: 'b'.repeat(40), branch: 'main', message: 'm', by: 'ada' }
  const { id } = await database.db.client.build.create({ data: { appId, number: 2, trigger: 'push', ...source } })
  const builds = controller()
  for (let n = 0; n < 100 && (await row(id)).status !== 'failed'; n++) {
    await builds.reconcile(id)
    await new Promise((resolve) => setTimeout(resolve, 20))
    if ((await row(id)).attempts > 0) {
      await api.request('DELETE', `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/web-shop-production-acme-b2`)
    }
  }
  expect(await row(id)).toMatchObject({ status: 'failed', attempts: 2, failure: expect.stringContaining('deleted') })
  await builds.stop()
})

const row = (id: string) => database.db.client.build.findUniqueOrThrow({ where: { id } })

/** The Job completes; its pod, which no cache knows, says what was built. */
async function endJob(): Promise<void> {
  const message = JSON.stringify({ image: IMAGE, processes: [{ name: 'web', kind: 'web', command: null }] })
  const labels = { 'app.kubernetes.io/managed-by': 'slipway', 'batch.kubernetes.io/job-name': JOB }
  const container = { name: 'build', image: 'x', securityContext: RESTRICTED }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'the-pod', namespace: NAMESPACE, labels },
    spec: {
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container],
    },
  }
  const made = await api.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, pod)
  expect(made.status, made.text).toBe(201)
  const now = new Date().toISOString()
  const terminated = { exitCode: 0, reason: 'Completed', message, startedAt: now, finishedAt: now }
  const status = { phase: 'Succeeded', containerStatuses: [{ ...STATUS, state: { terminated } }] }
  await patch(`/api/v1/namespaces/${NAMESPACE}/pods/the-pod/status`, { status })
  const done = { status: 'True', lastTransitionTime: now, lastProbeTime: now }
  const conditions = [
    { type: 'SuccessCriteriaMet', ...done },
    { type: 'Complete', ...done },
  ]
  await patch(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${JOB}/status`, {
    status: { succeeded: 1, startTime: now, completionTime: now, conditions },
  })
}

const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true }
const STATUS = { name: 'build', image: 'x', imageID: 'x', ready: false, restartCount: 0 }

async function patch(path: string, body: object): Promise<void> {
  const answer = await api.request('PATCH', path, body, { 'content-type': 'application/merge-patch+json' })
  expect(answer.status, answer.text).toBe(200)
}
