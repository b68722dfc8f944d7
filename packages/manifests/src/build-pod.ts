import { cpuQuantity, memoryQuantity } from '@slipway/domain'
import type { Container, PodSpec, SecurityContext, Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts'
import { BUILD_CONTAINER_NAME, buildSecretNames } from './build-names.ts'
import { REGISTRY_KEY, TOKEN_KEY } from './build-secrets.ts'
import type { BuildToRender } from './build-to-render.ts'
import { BASE_REPOSITORY, imageRepositoryOf } from './names.ts'

/** What a cancelled build has to clean up, in seconds. */
const BUILD_GRACE_SECONDS = 10

/** Who builds run as where root is not needed: the owner of every file in the images. */
const BUILD_UID = 1000

const VARS_DIR = '/run/slipway/vars'
const REGISTRY_DIR = '/run/slipway/registry'
/** With /tmp the only place that a build can write to. */
const WORK_DIR = '/work'
const DISK = { request: '1Gi', limit: '20Gi' }

/** How processes start, as far as a build depends on it: they need no Procfile then. */
function processesOf({ processes }: BuildToRender): Record<string, string> {
  const started = Object.entries(processes).map(([name, { command, kind }]) => [name, { command, kind }])
  return started.length === 0 ? {} : { BUILD_PROCESSES: JSON.stringify(Object.fromEntries(started)) }
}

/** Kubernetes expands `$(NAME)` in values; `$$` is one dollar. */
const literal = (value: string) => value.replaceAll('$', '$$$$')

function environmentOf(build: BuildToRender): NonNullable<Container['env']> {
  const values: Record<string, string> = {
    SOURCE_URL: build.sourceUrl,
    BUILD_ID: build.buildId,
    BUILD_NUMBER: String(build.build),
    APP_REF: `${build.team}/${build.project}/${build.environment}/${build.app}`,
    BUILD_STRATEGY: build.strategy,
    BUILD_SETTINGS: JSON.stringify(build.settings),
    ...processesOf(build),
    SOURCE_VERSION: build.commit,
    SOURCE_BRANCH: build.branch,
    REGISTRY_PUSH_URL: build.registryPushUrl,
    IMAGE_REPOSITORY: imageRepositoryOf(build),
    BASE_REPOSITORY,
    IMAGE_PREFIX: build.imagePrefix,
    CACHE_KEY: build.cacheKey,
    BASE_IMAGES: JSON.stringify(build.baseImages),
    ...(Object.keys(build.vars).length === 0 ? {} : { BUILD_VARS_DIR: VARS_DIR }),
    ...(build.registryConfig === null ? {} : { DOCKER_CONFIG: REGISTRY_DIR }),
    ...(build.clusterKind === 'local' ? {} : placesOf()),
  }
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value: literal(value) })),
    { name: TOKEN_KEY, valueFrom: { secretKeyRef: { name: buildSecretNames(build).token, key: TOKEN_KEY } } },
  ]
}

/** The local cluster names places of its own. */
const placesOf = () => ({
  HOME: `${WORK_DIR}/home`,
  TMPDIR: '/tmp',
  SLIPWAY_BUILD_CACHE_DIR: `${WORK_DIR}/cache`,
  TERMINATION_LOG: '/dev/termination-log',
})

/** Volumes with their places. Credentials and config vars are files, so that no child process inherits them. */
function volumesOf(build: BuildToRender): { volume: Volume; mount: VolumeMount }[] {
  const names = buildSecretNames(build)
  const owned = build.strategy === 'dockerfile' ? 0o400 : 0o440
  const vars = {
    volume: { name: 'vars', secret: { secretName: names.vars, defaultMode: owned } },
    mount: { name: 'vars', mountPath: VARS_DIR, readOnly: true },
  }
  const items = [{ key: REGISTRY_KEY, path: 'config.json' }]
  const registry = {
    volume: { name: 'registry', secret: { secretName: names.registry, items, defaultMode: owned } },
    mount: { name: 'registry', mountPath: REGISTRY_DIR, readOnly: true },
  }
  const work = {
    volume: { name: 'work', emptyDir: { sizeLimit: DISK.limit } },
    mount: { name: 'work', mountPath: WORK_DIR },
  }
  const tmp = {
    volume: { name: 'tmp', emptyDir: { sizeLimit: DISK.limit } },
    mount: { name: 'tmp', mountPath: '/tmp' },
  }
  return [
    ...(Object.keys(build.vars).length === 0 ? [] : [vars]),
    ...(build.registryConfig === null ? [] : [registry]),
    ...(build.clusterKind === 'local' ? [] : [work, tmp]),
  ]
}

/**
 * Root only inside a user namespace of the pod's own, where BuildKit mounts and changes root: with RuntimeDefault seccomp its
 * RUN fails, without SYS_ADMIN its mounts do.
 * Reference: https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
 */
const BUILDKIT_SECURITY: SecurityContext = {
  runAsUser: 0,
  runAsGroup: 0,
  capabilities: { add: ['SYS_ADMIN'] },
  seccompProfile: { type: 'Unconfined' },
  appArmorProfile: { type: 'Unconfined' },
}

const RESTRICTED_SECURITY: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
}

function securityOf({ strategy, clusterKind }: BuildToRender): Pick<PodSpec, 'hostUsers' | 'securityContext'> {
  // The local cluster has no nodes whose user namespaces could be asked for.
  if (strategy === 'dockerfile') return clusterKind === 'local' ? {} : { hostUsers: false }
  const ids = { runAsUser: BUILD_UID, runAsGroup: BUILD_UID, fsGroup: BUILD_UID }
  return { securityContext: { runAsNonRoot: true, ...ids, seccompProfile: { type: 'RuntimeDefault' } } }
}

function resourcesOf(build: BuildToRender): NonNullable<Container['resources']> {
  const of = ({ cpuMillis, memoryMiB }: BuildToRender['limits'], disk: string) => ({
    cpu: cpuQuantity(cpuMillis),
    memory: memoryQuantity(memoryMiB),
    ...(build.clusterKind === 'local' ? {} : { 'ephemeral-storage': disk }),
  })
  return { requests: of(build.requests, DISK.request), limits: of(build.limits, DISK.limit) }
}

/** The pod of a build: one container, the same for every strategy but for its rights. */
export function buildPodSpec(build: BuildToRender): PodSpec {
  const volumes = volumesOf(build)
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: BUILD_GRACE_SECONDS,
    ...securityOf(build),
    ...(build.registryConfig === null ? {} : { imagePullSecrets: [{ name: buildSecretNames(build).registry }] }),
    containers: [
      {
        name: BUILD_CONTAINER_NAME,
        image: build.builderImage,
        env: environmentOf(build),
        resources: resourcesOf(build),
        securityContext: build.strategy === 'dockerfile' ? BUILDKIT_SECURITY : RESTRICTED_SECURITY,
        ...(volumes.length === 0 ? {} : { volumeMounts: volumes.map(({ mount }) => mount) }),
      },
    ],
    ...(volumes.length === 0 ? {} : { volumes: volumes.map(({ volume }) => volume) }),
  }
}
