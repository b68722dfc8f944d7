import type { ContainerStateTerminated, Pod } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { ago, app, NOW_MS, pod, podEvent } from '../test/objects.ts'
import { appHealth } from './app.ts'
import { podHealth } from './pod.ts'
import { podState } from './pod-state.ts'

const crashed = (terminated: Partial<ContainerStateTerminated>, restarts = 3): Pod =>
  pod({
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' } },
    last: { terminated: { exitCode: 1, reason: 'Error', startedAt: ago(20), finishedAt: ago(10), ...terminated } },
    restarts,
  })

describe('a process that ends', () => {
  it.each([
    [{ exitCode: 1 }, 'The web process exits with code 1 (restarted 3 times).'],
    [
      { exitCode: 0, reason: 'Completed' },
      'The web process exits with code 0, though it should keep running (restarted 3 times).',
    ],
    [
      { exitCode: 126 },
      'The web process cannot start: its command is not executable (exit code 126) (restarted 3 times).',
    ],
    [{ exitCode: 127 }, 'The web process cannot start: its command was not found (exit code 127) (restarted 3 times).'],
    [{ exitCode: 139 }, 'The web process is terminated by SIGSEGV (exit code 139) (restarted 3 times).'],
    [
      { exitCode: 137, reason: 'OOMKilled' },
      'The web process is killed for exceeding its memory limit (256 MiB) (restarted 3 times).',
    ],
  ] satisfies [Partial<ContainerStateTerminated>, string][])(
    '%o',
    (terminated: Partial<ContainerStateTerminated>, sentence) => {
      const health = podHealth(crashed(terminated), { nowMs: NOW_MS })
      expect(health).toMatchObject({ status: 'Degraded', message: sentence })
      expect(health.reason).toBe(terminated.reason === 'OOMKilled' ? 'OOMKilled' : 'CrashLoopBackOff')
    },
  )

  it('is asked for a larger size when it ran out of memory', () => {
    expect(podHealth(crashed({ exitCode: 137, reason: 'OOMKilled' }), { nowMs: NOW_MS }).action).toMatch(/more memory/)
  })

  it('is still failing in the seconds between two crashes', () => {
    const last = { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(15) } }
    const between = pod({ state: { running: { startedAt: ago(5) } }, last, restarts: 4, ready: true })
    expect(podHealth(between, { nowMs: NOW_MS }).status).toBe('Degraded')
  })

  it('is well once it has run for a while', () => {
    const last = { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(100) } }
    const recovered = pod({ state: { running: { startedAt: ago(90) } }, last, restarts: 4, ready: true })
    expect(podHealth(recovered, { nowMs: NOW_MS }).status).toBe('Healthy')
  })
})

describe('an image', () => {
  const pulling = (reason: string, message: string) =>
    podHealth(pod({ state: { waiting: { reason, message } } }), { nowMs: NOW_MS })

  it.each([
    ['ErrImagePull', 'failed to authorize: 401 Unauthorized', /credentials/],
    ['ErrImagePull', 'manifest unknown: no such tag', /name and tag/],
    ['ImagePullBackOff', 'Back-off pulling image "x": ErrImagePull: dial tcp: i/o timeout', /can reach its registry/],
    ['InvalidImageName', "couldn't parse image name", /Correct the image reference/],
    [
      'ErrImagePull',
      'failed to pull image "nginx:1": it is not in the local registry. To run any image, connect a Kubernetes cluster: set KUBECONFIG and DATABASE_URL.',
      /connect a Kubernetes cluster/,
    ],
  ])('%s: %s', (reason, message, action) => {
    const health = pulling(reason, message)
    expect(health).toMatchObject({ status: 'Degraded', reason })
    expect(health.action).toMatch(action)
    expect(health.message).toMatch(
      /^The web process cannot be started: its image registry\.example\/shop:1 cannot be pulled: .{5}/,
    )
    expect(health.message).not.toMatch(/KUBECONFIG|Back-off|"nginx/)
  })
})

it('an evicted instance is told of, and does not count once another runs', () => {
  const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory. ' }
  const gone = { ...pod({ name: 'web-0', state: {} }), status }
  expect(podHealth(gone, { nowMs: NOW_MS })).toMatchObject({
    status: 'Degraded',
    reason: 'Evicted',
    message: 'The instance web-0 was evicted from its node: The node was low on resource: memory.',
  })
  expect(podState(gone)).toBe('Evicted')
  const fresh = pod({ state: { running: { startedAt: ago(50) } }, ready: true })
  const objects = app({ pods: [gone, fresh] })
  const [deployment] = objects.deployments
  Object.assign(deployment?.status ?? {}, { availableReplicas: 1, readyReplicas: 1 })
  Object.assign(objects.replicaSets[0]?.status ?? {}, { availableReplicas: 1, readyReplicas: 1 })
  expect(appHealth(objects).health).toMatchObject({ status: 'Healthy', message: 'Running v1 on 1 of 1 instance.' })
})

it('a lost node makes the instance Unknown, not failed', () => {
  const silent = pod({ state: { running: { startedAt: ago(500) } } })
  const lost = { ...silent, status: { ...silent.status, conditions: [{ type: 'Ready', status: 'Unknown' }] } }
  expect(podHealth(lost, { nowMs: NOW_MS }).status).toBe('Unknown')
})

it('a volume that cannot be mounted is named by its event', () => {
  const waiting = pod({ state: { waiting: { reason: 'ContainerCreating' } } })
  const events = [podEvent(waiting, 'FailedMount', 'MountVolume.SetUp failed for volume "x": not found', 3)]
  const health = podHealth(waiting, { nowMs: NOW_MS, events })
  expect(health).toMatchObject({ status: 'Degraded', reason: 'FailedMount' })
})

describe('an image that Pod Security does not start', () => {
  const failed = (message: string) =>
    podHealth(pod({ state: { waiting: { reason: 'CreateContainerConfigError', message } } }), { nowMs: NOW_MS })

  it.each([
    [
      'container has runAsNonRoot and image will run as root (pod: "web-1_x(133)", container: app)',
      'its image runs as root, which is not allowed here',
    ],
    [
      'container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root (pod: "web-1_x(133)", container: app)',
      'its image sets USER to a name, so the cluster cannot tell whether it is root',
    ],
    ['secret "web-v1" not found', 'secret "web-v1" not found'],
  ])('%s', (message, clause) => {
    expect(failed(message).message).toContain(`cannot be started: ${clause}.`)
  })
})
