import { describe, expect, it } from 'vitest'
import { ago, app, deployed, NOW_MS, pod } from '../test/objects.ts'
import { appHealth } from './app.ts'
import { rolloutOf } from './rollout.ts'

const running = (name: string, release: number, process = 'web') =>
  pod({
    name,
    release,
    process,
    state: { running: { startedAt: ago(60) } },
    ready: true,
    owner: process === 'web' ? 'rs' : `rs-${process}`,
  })

const complete = { updatedReplicas: 1, replicas: 1, availableReplicas: 1, readyReplicas: 1 }

describe('an app', () => {
  it('without a release is suspended, and says how to begin', () => {
    const { health, why, servingRelease } = appHealth(
      app({ wanted: { release: null, processes: [] }, deployments: [], replicaSets: [] }),
    )
    expect(health).toMatchObject({ status: 'Suspended', reason: 'NotDeployed' })
    expect([why, servingRelease]).toEqual([null, null])
  })

  it('whose objects are gone is Missing', () => {
    expect(appHealth(app({ deployments: [], replicaSets: [] })).health).toMatchObject({ status: 'Missing' })
  })

  it('scaled to 0 is suspended; a worker at 0 beside a running web is not', () => {
    const none = { name: 'worker', kind: 'worker' as const, instances: 0 }
    expect(appHealth(app({ wanted: { release: 1, processes: [none] } })).health.reason).toBe('ScaledToZero')
    const web = deployed('web', 1, 1, complete)
    const objects = app({
      wanted: { release: 1, processes: [{ name: 'web', kind: 'web', instances: 1 }, none] },
      deployments: [web.deployment, deployed('worker', 1, 0).deployment],
      replicaSets: [{ ...web.replicaSet, status: { ...web.replicaSet.status, replicas: 1, availableReplicas: 1 } }],
      pods: [running('web-1', 1)],
    })
    const health = appHealth(objects)
    expect(health.health).toMatchObject({ status: 'Healthy', message: 'Running v1 on 1 of 1 instance.' })
    expect(health.processes.map(({ health }) => health.status)).toEqual(['Healthy', 'Suspended'])
  })

  it('whose new release is yet to be applied rolls out, with the earlier one serving', () => {
    const { deployment, replicaSet } = deployed('web', 1, 1, complete)
    const status = { ...replicaSet.status, replicas: 1, availableReplicas: 1 }
    const objects = app({
      wanted: { release: 2, processes: [{ name: 'web', kind: 'web', instances: 1 }] },
      deployments: [deployment],
      replicaSets: [{ ...replicaSet, status }],
      pods: [running('web-1', 1)],
    })
    const { health, servingRelease } = appHealth(objects)
    expect(health.message).toBe('Rolling out v2: 0 of 1 instance ready. v1 serves until then.')
    expect([health.status, servingRelease]).toEqual(['Progressing', 1])
  })

  it('whose worker crashes is Degraded, and still serves the release its web runs', () => {
    const web = deployed('web', 2, 1, complete)
    const worker = deployed('worker', 2, 1, { updatedReplicas: 1, replicas: 1 })
    const crash = pod({
      name: 'worker-1',
      process: 'worker',
      release: 2,
      owner: 'rs-worker',
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      last: { terminated: { exitCode: 2, finishedAt: ago(5) } },
      restarts: 2,
    })
    const objects = app({
      wanted: {
        release: 2,
        processes: [
          { name: 'web', kind: 'web', instances: 1 },
          { name: 'worker', kind: 'worker', instances: 1 },
        ],
      },
      deployments: [web.deployment, worker.deployment],
      replicaSets: [web.replicaSet, worker.replicaSet],
      pods: [running('web-1', 2), crash],
    })
    const { health, why, servingRelease } = appHealth(objects)
    expect(health.message).toBe('v2 runs on 1 of 2 instances: the worker process exits with code 2 (restarted twice).')
    expect(servingRelease).toBe(2)
    expect(why).toMatchObject({
      process: 'worker',
      instance: 'worker-1',
      log: { pod: 'worker-1', container: 'app', previous: false },
    })
    expect(rolloutOf(objects, 2).status).toBe('failed')
  })

  it('whose next release fails says that the old one still serves', () => {
    const { deployment, replicaSet } = deployed('web', 2, 1, { replicas: 2, updatedReplicas: 1, availableReplicas: 1 })
    const broken = pod({
      name: 'web-2',
      release: 2,
      state: { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } },
    })
    const objects = app({
      wanted: { release: 2, processes: [{ name: 'web', kind: 'web', instances: 1 }] },
      deployments: [deployment],
      replicaSets: [replicaSet],
      pods: [{ ...running('web-1', 1), metadata: { ...running('web-1', 1).metadata, ownerReferences: [] } }, broken],
    })
    const { health, servingRelease } = appHealth(objects)
    expect(health.message).toMatch(/^v2 is failing: the web process cannot be started: .* v1 still serves\.$/)
    expect(servingRelease).toBe(1)
    expect(rolloutOf(objects, 1)).toMatchObject({ status: 'superseded', message: 'v2 replaced v1.' })
  })

  it('waits for stopping instances where they hold the quota, and is refused where they do not', () => {
    const message =
      'pods "web-x" is forbidden: exceeded quota: slipway, requested: limits.memory=256Mi,pods=1,requests.memory=256Mi, used: limits.memory=512Mi,pods=2,requests.memory=512Mi, limited: limits.memory=512Mi,pods=10,requests.memory=512Mi'
    const { deployment, replicaSet } = deployed('web', 1, 1, { replicas: 0, updatedReplicas: 0 })
    const failing = {
      ...replicaSet,
      status: { replicas: 0, observedGeneration: 1, conditions: [{ type: 'ReplicaFailure', status: 'True', message }] },
    }
    const stopping = running('web-old', 1)
    stopping.metadata = { ...stopping.metadata, deletionTimestamp: ago(1), ownerReferences: [] }
    const waiting = appHealth(app({ deployments: [deployment], replicaSets: [failing], pods: [stopping] }))
    expect(waiting.health.status).toBe('Progressing')
    const others = { namespacePods: () => [running('other-1', 1), running('other-2', 1)] }
    const { health } = appHealth({ ...app({ deployments: [deployment], replicaSets: [failing] }), ...others })
    expect(health).toMatchObject({ status: 'Degraded', reason: 'QuotaExceeded' })
    expect(health.message).toContain('needs 256 MiB memory, 0 MiB memory left of 512 MiB memory')
    expect(health.message).not.toContain('instance left of 10')
    // Between the end of the last stopping instance and the next try the quota has room, and nothing is wrong.
    const objects = { ...app({ deployments: [deployment], replicaSets: [failing] }), namespacePods: () => [] }
    expect(appHealth(objects).health).toMatchObject({ status: 'Progressing', reason: 'QuotaExceeded' })
    const crowded = [running('other-1', 1), running('other-2', 1)]
    expect(appHealth({ ...objects, namespacePods: () => crowded }).health.status).toBe('Degraded')
  })

  it('names the deadline when nothing else is known', () => {
    const { deployment, replicaSet } = deployed('web', 1, 1, {
      replicas: 1,
      updatedReplicas: 1,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    })
    const objects = app({ deployments: [deployment], replicaSets: [replicaSet] })
    expect(appHealth(objects).health.reason).toBe('ProgressDeadlineExceeded')
    expect(rolloutOf(objects, 1).status).toBe('failed')
  })
})

it('asks to be looked at again when time alone will change what is said', () => {
  const starting = pod({ state: { running: { startedAt: ago(12) } } })
  expect(appHealth(app({ pods: [starting] })).lookAgainInMs).toBe(8000)
  expect(appHealth(app({ pods: [starting], nowMs: NOW_MS + 110_000 })).lookAgainInMs).toBeNull()
  expect(appHealth(app({ pods: [running('web-1', 1)] })).lookAgainInMs).toBeNull()
})

describe('a roll-out', () => {
  it('is pending until the first object carries the release, and live when all instances are of it', () => {
    const wanted = { release: 2, processes: [{ name: 'web', kind: 'web' as const, instances: 1 }] }
    expect(rolloutOf(app({ wanted }), 2).status).toBe('pending')
    const { deployment, replicaSet } = deployed('web', 2, 1, complete)
    const objects = app({ wanted, deployments: [deployment], replicaSets: [replicaSet], pods: [running('web-2', 2)] })
    expect(rolloutOf(objects, 2)).toMatchObject({ status: 'live', ready: 1, wanted: 1 })
  })

  it('is not over while an old instance is left', () => {
    const { deployment, replicaSet } = deployed('web', 2, 1, { ...complete, replicas: 2 })
    const wanted = { release: 2, processes: [{ name: 'web', kind: 'web' as const, instances: 1 }] }
    const objects = app({ wanted, deployments: [deployment], replicaSets: [replicaSet], pods: [running('web-2', 2)] })
    expect(rolloutOf(objects, 2).status).toBe('rolling_out')
  })
})
