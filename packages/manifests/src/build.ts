import type { PodFailurePolicy } from 'kubernetes-types/batch/v1.d.ts'
import { buildLabels } from './build-labels.ts'
import { BUILD_CONTAINER_NAME, BUILD_ID_ANNOTATION, buildNamespaceOf } from './build-names.ts'
import { renderBuildNamespace } from './build-namespace.ts'
import { buildPodSpec } from './build-pod.ts'
import { buildSecrets } from './build-secrets.ts'
import type { BuildToRender } from './build-to-render.ts'
import { buildJobName } from './names.ts'
import { define, type KubeObject } from './object.ts'

/** How long a finished build's Job and pod can still be inspected, in seconds. */
const TTL_AFTER_FINISHED_SECONDS = 3600

/**
 * A pod that a drain, a preemption or a lost node took is replaced once; a build that failed by itself is not tried again.
 * The first rule that matches decides, and a drained pod has an exit code too.
 * Reference: https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
const FAILURE_POLICY: PodFailurePolicy = {
  rules: [
    { action: 'Count', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    {
      action: 'FailJob',
      onExitCodes: { containerName: BUILD_CONTAINER_NAME, operator: 'NotIn', values: [0] },
    },
  ],
}
const RETRIES = 1

function job(build: BuildToRender): KubeObject {
  const labels = buildLabels(build)
  const annotations = { [BUILD_ID_ANNOTATION]: build.buildId }
  return define({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: buildJobName(build), namespace: buildNamespaceOf(build.strategy, build), labels, annotations },
    spec: {
      backoffLimit: RETRIES,
      completions: 1,
      parallelism: 1,
      podFailurePolicy: FAILURE_POLICY,
      activeDeadlineSeconds: build.timeoutSeconds,
      ttlSecondsAfterFinished: TTL_AFTER_FINISHED_SECONDS,
      template: { metadata: { labels, annotations }, spec: buildPodSpec(build) },
    },
  })
}

/**
 * The Job that builds one commit, with its namespace and the Secrets that only it may read, in apply order. Once the Job is
 * there, render again with its uid: the Secrets then belong to the Job and go with it.
 */
export function renderBuildJob(build: BuildToRender, jobUid: string | null = null): KubeObject[] {
  return [...renderBuildNamespace(build), ...buildSecrets(build, jobUid), job(build)]
}
