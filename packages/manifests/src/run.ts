import type { RunToRender } from '@slipway/domain'
import type { PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { environmentLabels, LABELS, releaseLabels } from './labels.ts'
import { runJobName, secretName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { CONTAINER_NAME, containerSecurity, podSecurity, resourcesOf } from './pod.ts'

/** On the Job and its pod: the row they belong to. */
export const RUN_ID_ANNOTATION = 'slipway.dev/run-id'

/** A stopped command has this long to clean up, in seconds. */
const GRACE_SECONDS = 10

/** Its end is read from Job and pod, and a client that was cut reads the rest of its output; then both go, in seconds. */
const TTL_AFTER_FINISHED_SECONDS = 60

/** Kubernetes expands `$(NAME)` in a command, and takes `$$` for one dollar: what a person typed is passed as it is. */
const literal = (argument: string) => argument.replaceAll('$', '$$$$')

function podSpec(run: RunToRender): PodSpec {
  return {
    containers: [
      {
        name: CONTAINER_NAME,
        image: run.image,
        command: run.command.map(literal),
        envFrom: [{ secretRef: { name: secretName(run.app, run.release) } }],
        resources: resourcesOf(run),
        securityContext: containerSecurity(run.runsAsNonRoot),
      },
    ],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: podSecurity(run.runsAsNonRoot),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
  }
}

/**
 * The Job of a command that runs once: the release's image and config, never tried again. It carries no label of the app's, so it
 * is no instance of it: neither health nor logs of the app count it.
 */
export function renderRun(run: RunToRender): KubeObject {
  const labels = {
    [LABELS.name]: run.app,
    ...environmentLabels(run),
    [LABELS.runOf]: run.app,
    ...releaseLabels(run.release),
  }
  const annotations = { [RUN_ID_ANNOTATION]: run.run }
  return define({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: runJobName(run), namespace: run.namespace, labels, annotations },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: run.timeoutSeconds,
      ttlSecondsAfterFinished: TTL_AFTER_FINISHED_SECONDS,
      template: { metadata: { labels, annotations }, spec: podSpec(run) },
    },
  })
}
