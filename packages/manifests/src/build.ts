import type { BuildToRender } from './build-to-render.ts'
import { POD_SECURITY_LABELS } from './environment.ts'
import { appLabels, LABELS, MANAGER } from './labels.ts'
import { BUILD_NAMESPACE, buildJobName, imageRepositoryOf } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { containerSecurity } from './pod.ts'
import { cpuQuantity, memoryQuantity } from './quantity.ts'

/** Name of the container that builds. */
export const BUILD_CONTAINER_NAME = 'build'

/** How long a finished build's Job and pod can still be looked at, in seconds. */
const TTL_AFTER_FINISHED_SECONDS = 3600

/** What a cancelled build has to clean up, in seconds. */
const BUILD_GRACE_SECONDS = 10

const TOKEN_KEY = 'SOURCE_TOKEN'

function labelsOf(build: BuildToRender): Record<string, string> {
  return { ...appLabels(build), [LABELS.component]: 'build', [LABELS.build]: String(build.build) }
}

function namespace(): KubeObject[] {
  const labels = { [LABELS.managedBy]: MANAGER }
  return [
    define({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: BUILD_NAMESPACE, labels: { ...labels, ...POD_SECURITY_LABELS } },
    }),
    define({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny-ingress', namespace: BUILD_NAMESPACE, labels },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    }),
  ]
}

function tokenSecret(build: BuildToRender, jobUid: string | null): KubeObject {
  const name = buildJobName(build)
  return define({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: BUILD_NAMESPACE,
      labels: labelsOf(build),
      ...(jobUid ? { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: jobUid }] } : {}),
    },
    type: 'Opaque',
    immutable: true,
    data: { [TOKEN_KEY]: Buffer.from(build.sourceToken, 'utf8').toString('base64') },
  })
}

function environmentOf(build: BuildToRender) {
  return [
    { name: 'SOURCE_URL', value: build.sourceUrl },
    { name: TOKEN_KEY, valueFrom: { secretKeyRef: { name: buildJobName(build), key: TOKEN_KEY } } },
    { name: 'REGISTRY_PUSH_URL', value: build.registryPushUrl },
    { name: 'IMAGE_REPOSITORY', value: imageRepositoryOf(build) },
    { name: 'IMAGE_PREFIX', value: build.imagePrefix },
    { name: 'CACHE_KEY', value: build.cacheKey },
  ]
}

const quantitiesOf = ({ cpuMillis, memoryMiB }: BuildToRender['limits']) => ({
  cpu: cpuQuantity(cpuMillis),
  memory: memoryQuantity(memoryMiB),
})

function job(build: BuildToRender): KubeObject {
  const labels = labelsOf(build)
  return define({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: buildJobName(build), namespace: BUILD_NAMESPACE, labels },
    spec: {
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      activeDeadlineSeconds: build.timeoutSeconds,
      ttlSecondsAfterFinished: TTL_AFTER_FINISHED_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: BUILD_GRACE_SECONDS,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: BUILD_CONTAINER_NAME,
              image: build.builderImage,
              env: environmentOf(build),
              resources: { requests: quantitiesOf(build.requests), limits: quantitiesOf(build.limits) },
              securityContext: containerSecurity(false),
            },
          ],
        },
      },
    },
  })
}

/**
 * The Job that builds one commit, with its namespace and the Secret of its source token, in apply order. Once the Job is
 * there, render again with its uid: the Secret then belongs to the Job and goes with it.
 */
export function renderBuildJob(build: BuildToRender, jobUid: string | null = null): KubeObject[] {
  return [...namespace(), tokenSecret(build, jobUid), job(build)]
}
