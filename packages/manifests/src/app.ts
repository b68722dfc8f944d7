import { type AppToRender, type RenderedProcess, ROLLING_SURGE, START_TIMEOUT_SECONDS } from '@slipway/domain'
import { appLabels, processLabels, releaseLabels, selectorLabels } from './labels.ts'
import { secretName, workloadName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { PORT_NAME, podTemplate } from './pod.ts'
import { renderRoute, SERVICE_PORT } from './route.ts'

/** A roll-out that makes no progress for so long beyond what an instance may take to start has failed, in seconds. */
const PROGRESS_SECONDS = 480

/** A new instance must stay ready for so long before an old one is stopped, in seconds: workers have no probe to tell. */
const MIN_READY_SECONDS = { web: 2, worker: 5 }

/** Rollback renders an earlier release again, so old ReplicaSets are kept only to look at. */
const REVISION_HISTORY = 3

function secret(app: AppToRender): KubeObject {
  return define({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName(app.app, app.release),
      namespace: app.namespace,
      labels: { ...appLabels(app), ...releaseLabels(app.release) },
    },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(
      Object.entries(app.config)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
    ),
  })
}

function deployment(app: AppToRender, process: RenderedProcess): KubeObject {
  return define({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: workloadName(app.app, process.name),
      namespace: app.namespace,
      labels: { ...processLabels(app, process.name), ...releaseLabels(app.release) },
    },
    spec: {
      replicas: process.instances,
      selector: { matchLabels: selectorLabels(app.app, process.name) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: ROLLING_SURGE } },
      minReadySeconds: MIN_READY_SECONDS[process.kind],
      progressDeadlineSeconds: PROGRESS_SECONDS + (process.startTimeoutSeconds ?? START_TIMEOUT_SECONDS),
      revisionHistoryLimit: REVISION_HISTORY,
      template: podTemplate(app, process),
    },
  })
}

function service(app: AppToRender, process: RenderedProcess): KubeObject {
  return define({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: workloadName(app.app, process.name),
      namespace: app.namespace,
      labels: processLabels(app, process.name),
    },
    spec: {
      type: 'ClusterIP',
      selector: selectorLabels(app.app, process.name),
      ports: [{ name: PORT_NAME, port: SERVICE_PORT, protocol: 'TCP', targetPort: PORT_NAME }],
    },
  })
}

/** Lets nodes be drained one instance at a time. With one instance it would forbid draining altogether. */
function disruptionBudget(app: AppToRender, process: RenderedProcess): KubeObject[] {
  if (process.instances < 2) return []
  const budget = define({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: workloadName(app.app, process.name),
      namespace: app.namespace,
      labels: processLabels(app, process.name),
    },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(app.app, process.name) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  })
  return [budget]
}

/** The process that the app's hosts lead to: the one named web, or else the first that receives traffic. */
export function routedProcess<P extends Pick<RenderedProcess, 'name' | 'kind'>>(processes: readonly P[]): P | null {
  const web = processes.filter(({ kind }) => kind === 'web')
  return web.find(({ name }) => name === 'web') ?? web[0] ?? null
}

/**
 * Every object of an app, in the order in which they are to be applied: what pods need before the pods, what leads to them
 * after. Pure: the same input gives the same output, and the same Secret name always the same content.
 */
export function renderApp(app: AppToRender): KubeObject[] {
  const web = app.processes.filter(({ kind }) => kind === 'web')
  return [
    secret(app),
    ...web.map((process) => service(app, process)),
    ...app.processes.map((process) => deployment(app, process)),
    ...app.processes.flatMap((process) => disruptionBudget(app, process)),
    ...renderRoute(app, routedProcess(app.processes)),
  ]
}
