import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { expect, test } from 'vitest'
import { ago, app, deployed, pod } from '../test/objects.ts'
import { appHealth } from './app.ts'
import type { AppObjects } from './objects.ts'

const causeOf = (objects: AppObjects) => appHealth(objects).why?.cause

const crashed = (process: string, restarts: number) =>
  pod({
    ...{ process, restarts, name: `${process}-${restarts}`, owner: process === 'web' ? 'rs' : `rs-${process}` },
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    last: { terminated: { exitCode: 7, startedAt: ago(12), finishedAt: ago(10) } },
  })

test('20 Home: a crash has one cause, whichever process it is and however often it was restarted', () => {
  const { deployment, replicaSet } = deployed('worker', 5, 1, { replicas: 1 })
  const worker = {
    ...crashed('worker', 9),
    metadata: { ...crashed('worker', 9).metadata, labels: replicaSet.metadata?.labels },
  }
  const other = app({
    wanted: { release: 5, processes: [{ name: 'worker', kind: 'worker', instances: 1 }] },
    ...{ deployments: [deployment], replicaSets: [replicaSet], pods: [worker] },
  })
  expect(appHealth(other).why?.sentence).toContain('the worker process exits with code 7 (restarted 9 times)')
  expect(causeOf(other)).toBe('The process exits with code 7.')
  expect(causeOf(app({ pods: [crashed('web', 3)] }))).toBe('The process exits with code 7.')
})

test('20 Home: full nodes are one cause, whatever the size that is asked for', () => {
  const waiting = (memory: string): Pod => {
    const fresh = pod({ state: {}, memory })
    const message = '0/1 nodes are available: 1 Insufficient cpu.'
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
    return { ...fresh, status: { phase: 'Pending', conditions: [condition] } }
  }
  for (const memory of ['128Mi', '2Gi']) {
    expect(appHealth(app({ pods: [waiting(memory)] })).why?.sentence).toContain(memory)
    expect(causeOf(app({ pods: [waiting(memory)] }))).toBe('No node has enough CPU left.')
  }
})

test('20 Home: a quota that is used up is one cause, whatever is left of it', () => {
  for (const used of [3, 4]) {
    const objects = app()
    const message = `pods "web-1" is forbidden: exceeded quota: slipway, requested: pods=2, used: pods=${used}, limited: pods=4`
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }
    Object.assign(objects.replicaSets[0]?.status ?? {}, { replicas: 0, conditions: [condition] })
    const pods = Array.from({ length: used }, (_, n) =>
      pod({ name: `other-${n}`, process: 'other', state: {}, owner: 'x' }),
    )
    expect(causeOf({ ...objects, namespacePods: () => pods })).toBe('The quota of the environment is used up.')
  }
})

test('20 Home: a registry that is away is one cause, whichever image is asked of it', () => {
  const pulling = (image: string) => {
    const message = `failed to pull image "${image}": The registry docker.io cannot be reached to pull ${image} (ENOTFOUND).`
    const waiting = pod({ state: { waiting: { reason: 'ImagePullBackOff', message } } })
    const containers = (waiting.spec?.containers ?? []).map((each) => ({ ...each, image }))
    return app({ pods: [{ ...waiting, spec: { ...waiting.spec, containers } }] })
  }
  for (const image of ['nginx:1.29', 'redis:7']) {
    expect(appHealth(pulling(image)).why?.sentence).toContain(image)
    expect(causeOf(pulling(image))).toBe(
      'The process cannot be started: its image cannot be pulled: The registry docker.io cannot be reached to pull it (ENOTFOUND).',
    )
  }
})

test('what is well has no cause', () => {
  const { deployment, replicaSet } = deployed('web', 1, 1, { updatedReplicas: 1, replicas: 1, availableReplicas: 1 })
  Object.assign(replicaSet.status ?? {}, { availableReplicas: 1 })
  const running = pod({ state: { running: { startedAt: ago(60) } }, ready: true })
  const { health, why } = appHealth(app({ deployments: [deployment], replicaSets: [replicaSet], pods: [running] }))
  expect([health.status, why]).toEqual(['Healthy', null])
})
