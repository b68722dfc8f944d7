import { describe, expect, it } from 'vitest'
import { ago, app, deployed, pod } from '../test/objects.ts'
import { appHealth } from './app.ts'
import type { AppObjects } from './objects.ts'

const KINDS = { web: 'web', worker: 'worker', mailer: 'worker' } as const
type Name = keyof typeof KINDS

const up = (process: Name, release: number) =>
  pod({
    name: `${process}-${release}`,
    process,
    release,
    owner: ownerOf(process, release),
    state: RUNNING,
    ready: true,
  })
const RUNNING = { running: { startedAt: ago(60) } }
const ownerOf = (process: Name, release: number) =>
  release === 3 ? (process === 'web' ? 'rs' : `rs-${process}`) : `old-${process}`
const crashed = (process: Name) =>
  pod({
    name: `${process}-3`,
    process,
    release: 3,
    owner: ownerOf(process, 3),
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    last: { terminated: { exitCode: 7, startedAt: ago(12), finishedAt: ago(10) } },
    restarts: 2,
  })

/** v3 is wanted of these processes, one instance each, and these pods are there. */
function at(names: readonly Name[], pods: AppObjects['pods'], fallback: number | null = 2): AppObjects {
  const objects = names.map((name) => {
    const isDone = pods.some(
      (each) => each.metadata?.name === `${name}-3` && each.status?.containerStatuses?.[0]?.ready,
    )
    return deployed(name, 3, 1, isDone ? { updatedReplicas: 1, replicas: 1, availableReplicas: 1 } : { replicas: 1 })
  })
  return app({
    wanted: {
      release: 3,
      processes: names.map((name) => ({ name, kind: KINDS[name], instances: 1, memoryMiB: 256 })),
      fallback,
    },
    deployments: objects.map(({ deployment }) => deployment),
    replicaSets: objects.map(({ replicaSet }) => replicaSet),
    pods,
  })
}

describe('14 Status: what still serves is said per process', () => {
  it('where web still serves v2 and the worker runs v3 already', () => {
    const { health, servingRelease, processes } = appHealth(
      at(['web', 'worker'], [up('web', 2), crashed('web'), up('worker', 3)]),
    )
    expect(health.message).toBe(
      'v3 is failing: the web process exits with code 7 (restarted twice). Meanwhile web still serves v2, worker runs v3.',
    )
    expect(servingRelease).toBe(2)
    expect(processes).toMatchObject([
      { name: 'web', ready: 0, others: [{ release: 2, ready: 1 }], health: { state: 'crashing' } },
      { name: 'worker', ready: 1, others: [], health: { state: 'running' } },
    ])
  })

  it('in one sentence where all processes run the same', () => {
    const objects = at(['web', 'worker'], [up('web', 2), crashed('web'), up('worker', 2), crashed('worker')])
    expect(appHealth(objects).health.message).toMatch(/ v2 still serves\.$/)
    const workers = at(['worker', 'mailer'], [up('worker', 2), crashed('worker'), up('mailer', 2), crashed('mailer')])
    expect(appHealth(workers).health.message).toMatch(/ v2 still runs\.$/)
  })

  it('where the worker alone fails: web serves v3', () => {
    const objects = at(['web', 'worker'], [up('web', 3), up('worker', 2), crashed('worker')])
    const { health, servingRelease } = appHealth(objects)
    expect(servingRelease).toBe(3)
    expect(health.message).toBe(
      'v3 runs on 1 of 2 instances: the worker process exits with code 7 (restarted twice). Meanwhile web serves v3, worker still runs v2.',
    )
  })

  it('where nothing runs at all', () => {
    expect(appHealth(at(['web'], [crashed('web')])).health.message).toMatch(/\(restarted twice\)\. Nothing serves\.$/)
    expect(appHealth(at(['worker'], [crashed('worker')])).health.message).toMatch(/ Nothing runs\.$/)
  })

  it('never counts an instance of another release as ready of this one', () => {
    const { processes, health } = appHealth(at(['web'], [up('web', 2), crashed('web')]))
    expect(processes[0]).toMatchObject({ ready: 0, others: [{ release: 2, ready: 1 }] })
    expect(health.message).not.toMatch(/1 of 1/)
  })
})

describe('18 Repair where it hurts: what fits the cause', () => {
  const repairs = (objects: AppObjects) => appHealth(objects).why?.repairs

  it('a crash: back to the release before, the log, or once more', () => {
    expect(repairs(at(['web'], [up('web', 2), crashed('web')]))).toEqual([
      { kind: 'roll_back', release: 2 },
      { kind: 'open_log', process: 'web', instance: 'web-3' },
      { kind: 'restart', process: 'web' },
    ])
  })

  it('nothing to go back to before a release was live', () => {
    expect(repairs(at(['web'], [crashed('web')], null))?.map(({ kind }) => kind)).toEqual(['open_log', 'restart'])
  })

  it('too little memory: twice the limit', () => {
    const last = { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: ago(5) } }
    const state = { waiting: { reason: 'CrashLoopBackOff' } }
    const oom = pod({ name: 'web-3', release: 3, owner: 'rs', state, last, restarts: 2 })
    expect(repairs(at(['web'], [oom]))?.[0]).toEqual({ kind: 'raise_memory', process: 'web', memoryMiB: 512 })
  })

  it('an image: by what the registry said', () => {
    const pulling = (message: string) => {
      const state = { waiting: { reason: 'ErrImagePull', message } }
      const why = appHealth(at(['web'], [pod({ name: 'web-3', release: 3, owner: 'rs', state })]))
      return [why.health.state, ...(why.why?.repairs ?? []).map(({ kind }) => kind)]
    }
    expect(pulling('manifest unknown')).toEqual(['image_not_found', 'roll_back', 'deploy_image'])
    expect(pulling('401 Unauthorized')).toEqual(['image_refused', 'add_registry', 'roll_back', 'deploy_image'])
    expect(pulling('dial tcp: i/o timeout')[0]).toBe('image_not_pulled')
  })

  it('no node has room: as many as run already, or a smaller size', () => {
    const waiting = (name: string) => {
      const base = pod({ name, release: 3, owner: 'rs', state: {} })
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'Insufficient cpu' }
      return { ...base, status: { phase: 'Pending', conditions: [condition] } }
    }
    expect(repairs(at(['web'], [waiting('web-3')]))?.[0]).toEqual({ kind: 'resize', process: 'web' })
    const three = at(['web'], [up('web', 3), waiting('web-4')])
    const [deployment, replicaSet] = [three.deployments[0], three.replicaSets[0]]
    for (const each of [deployment, replicaSet]) if (each?.spec) each.spec.replicas = 3
    const objects = {
      ...three,
      wanted: { ...three.wanted, processes: [{ name: 'web', kind: 'web' as const, instances: 3 }] },
    }
    expect(repairs(objects)?.[0]).toEqual({ kind: 'scale_down', process: 'web', instances: 1 })
  })
})
