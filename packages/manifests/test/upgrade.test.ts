import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type Cluster, connectCluster, Deployments, type KubeObject, Pods, ReplicaSets } from '../../kube/src/index.ts'
import { type LocalCluster, startLocalCluster } from '../../local-cluster/src/index.ts'
import { appIdOf, renderApp } from '../src/index.ts'
import { built, canary, where } from './apps.ts'

/**
 * An app of the version before there were tracks and ids on objects, upgraded: nothing that runs is started again, and a second
 * release can run beside it although the selectors of its Deployments cannot change any more.
 */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { namespace } = where
let dir: string
let local: LocalCluster
let cluster: Cluster

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'slipway-upgrade-'))
  const options = { apiPort: 0, ingressPort: 0, runtime: 'simulated', simulationSpeed: 20 } as const
  local = await startLocalCluster({ stateDir: path.join(dir, 'cluster'), ...options })
  cluster = await connectCluster({ kubeconfigPath: local.kubeconfigPath })
  await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  const previous = await readFile(path.join(import.meta.dirname, '../test-data/previous/app-built.yaml'), 'utf8')
  for (const document of parseAllDocuments(previous)) await cluster.apply(document.toJS() as KubeObject)
  await settled(2)
})
afterAll(async () => {
  await cluster?.close()
  await local?.stop()
  await rm(dir, { recursive: true, force: true })
})

const list = async <T>(type: typeof Pods | typeof Deployments | typeof ReplicaSets) =>
  (await cluster.list<T & KubeObject>(type, { namespace })).items

/** Waits until so many Deployments have run their course: every instance is of the present template, and none is left over. */
async function settled(count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const deployments = await list<Deployment>(Deployments)
      expect(deployments).toHaveLength(count)
      for (const { metadata, spec, status } of deployments) {
        expect(status?.observedGeneration, metadata.name).toBe(metadata.generation)
        expect([status?.replicas, status?.updatedReplicas, status?.availableReplicas], metadata.name).toEqual(
          Array(3).fill(spec?.replicas),
        )
      }
    },
    { timeout: 30_000, interval: 100 },
  )
}

const uidsByRelease = async () => {
  const pods = await list<Pod>(Pods)
  const of = (release: string) => pods.filter(({ metadata }) => metadata.labels?.['slipway.dev/release'] === release)
  return { of42: of('42').map(({ metadata }) => metadata.uid), of43: of('43').map(({ metadata }) => metadata.uid) }
}

test('an app of the previous version keeps its pods, which are told by their ReplicaSets', async () => {
  const before = await uidsByRelease()
  expect(before.of42).toHaveLength(4)
  for (const object of renderApp(built)) await cluster.apply(object)
  await settled(2)
  expect(await uidsByRelease()).toEqual(before)
  const ids = (await list<ReplicaSet>(ReplicaSets)).map(appIdOf)
  expect(ids).toEqual([built.appId, built.appId])
})

test('a candidate comes and goes beside it, and each Deployment counts its own pods', async () => {
  const before = await uidsByRelease()
  for (const object of renderApp(canary)) await cluster.apply(object)
  await settled(4)
  const beside = await uidsByRelease()
  expect(beside.of42).toEqual(before.of42)
  expect(beside.of43).toHaveLength(2)
  const gone = renderApp(canary).filter(
    ({ kind, metadata }) => kind === 'Deployment' && /--candidate$/.test(metadata.name),
  )
  for (const { apiVersion, kind, metadata } of gone)
    await cluster.delete({ apiVersion, kind, namespace, name: metadata.name })
  for (const object of renderApp(built)) await cluster.apply(object)
  await settled(2)
  await vi.waitFor(async () => expect((await uidsByRelease()).of43).toEqual([]), { timeout: 30_000 })
  expect((await uidsByRelease()).of42).toEqual(before.of42)
})
