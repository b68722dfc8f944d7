import { type RenderedProcess, START_TIMEOUT_SECONDS, surgeInstances } from '@slipway/domain'
import { releaseLabels, selectorLabels, trackedLabels } from '../labels.ts'
import { workloadName } from '../names.ts'
import { define, type KubeObject } from '../object.ts'
import { type ContainerParts, podTemplate } from '../pod.ts'
import type { Rendering } from '../rendering.ts'

/** A roll-out that makes no progress for so long beyond what an instance may take to start has failed, in seconds. */
const PROGRESS_SECONDS = 480

/** Rollback renders an earlier release again, so old ReplicaSets are kept only to look at. */
const REVISION_HISTORY = 3

/** The Deployment of a replicated process. `minReadySeconds`: how long a new instance stays ready before an old one is stopped. */
export function deployment(
  app: Rendering,
  process: RenderedProcess,
  { minReadySeconds, ...parts }: ContainerParts & { minReadySeconds: number },
): KubeObject {
  return define({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: workloadName(app.app, process.name, app.track),
      namespace: app.namespace,
      labels: { ...trackedLabels(app, process.name), ...releaseLabels(app.release) },
    },
    spec: {
      replicas: process.instances,
      selector: { matchLabels: selectorLabels(app.app, process.name, app.track) },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: 0, maxSurge: surgeInstances(process.kind) },
      },
      minReadySeconds,
      progressDeadlineSeconds: PROGRESS_SECONDS + (process.startTimeoutSeconds ?? START_TIMEOUT_SECONDS),
      revisionHistoryLimit: REVISION_HISTORY,
      template: podTemplate(app, process, parts),
    },
  })
}
