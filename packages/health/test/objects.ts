import type { Deployment, ReplicaSet } from 'kubernetes-types/apps/v1.d.ts'
import type { ContainerState, ContainerStatus, Event, Pod } from 'kubernetes-types/core/v1.d.ts'
import type { AppObjects } from '../src/objects.ts'

export const NOW_MS = Date.parse('2026-11-23T16:00:00Z')

/** RFC 3339 time so many seconds ago. */
export const ago = (seconds: number) => new Date(NOW_MS - seconds * 1000).toISOString()

const labels = (process: string, release: number) => ({
  'slipway.dev/app': 'shop',
  'slipway.dev/process': process,
  'slipway.dev/release': String(release),
})

type PodOptions = {
  name?: string
  process?: string
  release?: number
  state: ContainerState
  last?: ContainerState
  restarts?: number
  ready?: boolean
  owner?: string
  memory?: string
}

/** A scheduled pod with one container, as the kubelet reports it. */
export function pod({
  name = 'web-1',
  process = 'web',
  release = 1,
  state,
  last,
  restarts = 0,
  ready = false,
  owner = 'rs',
  memory = '256Mi',
}: PodOptions): Pod {
  const status: ContainerStatus = {
    name: 'app', image: 'shop', imageID: '', ready, restartCount: restarts, started: ready, state, lastState: last ?? {},
  } // biome-ignore format: one status
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      labels: labels(process, release),
      creationTimestamp: ago(100),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
    },
    spec: {
      restartPolicy: 'Always',
      containers: [
        {
          name: 'app',
          image: 'registry.example/shop:1',
          resources: { requests: { cpu: '250m', memory }, limits: { memory } },
          env: [{ name: 'PORT', value: '8080' }],
          startupProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1, failureThreshold: 120 },
          readinessProbe: { tcpSocket: { port: 'http' } },
        },
      ],
    },
    status: {
      phase: 'Running',
      containerStatuses: [status],
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: ready ? 'True' : 'False' },
      ],
    },
  }
}

/** An event about a pod that happened so many seconds ago. */
export function podEvent(about: Pod, reason: string, message: string, secondsAgo: number): Event {
  return {
    metadata: { name: `${about.metadata?.name}.${reason}` },
    involvedObject: { kind: 'Pod', name: about.metadata?.name, uid: about.metadata?.uid },
    reason,
    message,
    type: 'Warning',
    count: 1,
    firstTimestamp: ago(secondsAgo),
    lastTimestamp: ago(secondsAgo),
  }
}

/** A Deployment of one process whose controller has seen its last change, with its ReplicaSet `rs`. */
export function deployed(
  process: string,
  release: number,
  replicas: number,
  status: Deployment['status'] = {},
): { deployment: Deployment; replicaSet: ReplicaSet } {
  const annotations = { 'deployment.kubernetes.io/revision': String(release) }
  const metadata = {
    name: `shop-${process}`,
    uid: `uid-${process}`,
    generation: 1,
    labels: labels(process, release),
    annotations,
  }
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: `shop-${process}`,
    uid: `uid-${process}`,
    controller: true,
  }
  const uid = process === 'web' ? 'rs' : `rs-${process}`
  return {
    deployment: {
      metadata,
      spec: { replicas, selector: {}, template: {} },
      status: { observedGeneration: 1, ...status },
    },
    replicaSet: {
      metadata: {
        name: `shop-${process}-abc`,
        uid,
        labels: labels(process, release),
        annotations,
        ownerReferences: [owner],
      },
      spec: { replicas, selector: {} },
      status: { replicas, observedGeneration: 1 },
    },
  }
}

/** An app with one web process of one wanted instance, at release 1. */
export function app(changes: Partial<AppObjects> = {}): AppObjects {
  const { deployment, replicaSet } = deployed('web', 1, 1, { updatedReplicas: 1, replicas: 1 })
  return {
    wanted: { release: 1, processes: [{ name: 'web', kind: 'web', instances: 1 }] },
    deployments: [deployment],
    replicaSets: [replicaSet],
    pods: [],
    events: [],
    nowMs: NOW_MS,
    ...changes,
  }
}
