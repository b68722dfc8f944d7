import type { ReleaseCommandToRender, RunMode, RunToRender } from '@slipway/domain'
import type { JobSpec } from 'kubernetes-types/batch/v1.d.ts'
import type { Container, PodSpec } from 'kubernetes-types/core/v1.d.ts'
import { environmentLabels, LABELS, releaseLabels, withAppId } from './labels.ts'
import { releaseJobName, runJobName, secretName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { CONTAINER_NAME, containerSecurity, podSecurity, resourcesOf } from './pod.ts'
import { releaseSecret } from './secret.ts'

/** On the Job and its pod: the row they belong to. */
export const RUN_ID_ANNOTATION = 'slipway.dev/run-id'

/** A stopped command has this long to clean up, in seconds. */
const GRACE_SECONDS = 10

/** Its end is read from Job and pod, and a client that was cut reads the rest of its output; then both go, in seconds. */
const TTL_AFTER_FINISHED_SECONDS = 60

/** Kubernetes expands `$(NAME)` in a command, and takes `$$` for one dollar: what a person typed is passed as it is. */
const literal = (argument: string) => argument.replaceAll('$', '$$$$')

/**
 * A terminal can be attached to again and again. Input that is piped ends with the connection that brings it (`stdinOnce`), so that
 * its end reaches the command.
 */
function connectionOf(mode: RunMode): Partial<Container> {
  if (mode === 'input') return { stdin: true, stdinOnce: true }
  if (mode === 'terminal') return { stdin: true, tty: true, env: [{ name: 'TERM', value: 'xterm-256color' }] }
  return {}
}

function podSpec(run: RunToRender): PodSpec {
  return {
    containers: [
      {
        name: CONTAINER_NAME,
        image: run.image,
        command: run.command.map(literal),
        ...connectionOf(run.mode),
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

/** Labels of what runs for an app without being an instance of it: neither health nor logs of the app count it. */
function labelsOf(run: RunToRender): Record<string, string> {
  return {
    [LABELS.name]: run.app,
    ...environmentLabels(run),
    [LABELS.runOf]: run.app,
    ...releaseLabels(run.release),
  }
}

/** A Job that is never tried again, within its time limit. */
function jobSpec(run: RunToRender, template: JobSpec['template']['metadata'], ttlSeconds: number): JobSpec {
  return {
    backoffLimit: 0,
    completions: 1,
    parallelism: 1,
    activeDeadlineSeconds: run.timeoutSeconds,
    ttlSecondsAfterFinished: ttlSeconds,
    template: { metadata: template, spec: podSpec(run) },
  }
}

/** The Job of a command that runs once: the release's image and config, never tried again. */
export function renderRun(run: RunToRender): KubeObject {
  const labels = labelsOf(run)
  const annotations = { [RUN_ID_ANNOTATION]: run.run }
  return define({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: runJobName(run), namespace: run.namespace, labels, annotations },
    spec: jobSpec(run, { labels, annotations }, TTL_AFTER_FINISHED_SECONDS),
  })
}

/** It is deleted once its end was written down; this is for when nobody does, in seconds. */
const RELEASE_TTL_SECONDS = 86_400

/** On the Job of a release's command and its pod. */
export const RELEASE_COMPONENT = 'release'

/**
 * The Job of a release's own command, with the release's Secret: nothing else of the release is in the cluster yet. Its name tells the
 * release, so that applying it again starts nothing. Pods carry the app's id: no ReplicaSet tells it for them.
 */
export function renderReleaseCommand(run: ReleaseCommandToRender): KubeObject[] {
  const labels = { ...labelsOf(run), [LABELS.component]: RELEASE_COMPONENT }
  const annotations = { [RUN_ID_ANNOTATION]: run.run }
  const [template] = withAppId([{ metadata: { labels, annotations } }], run.appId)
  const job = define({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: releaseJobName(run), namespace: run.namespace, labels, annotations },
    spec: jobSpec(run, template?.metadata, RELEASE_TTL_SECONDS),
  })
  return withAppId([releaseSecret(run), job], run.appId)
}
