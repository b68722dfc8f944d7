import type { HealthStatus } from './health-status.ts'

/**
 * What an instance, a process or an app is doing, as every page, command and push says it. Kubernetes' own word stands beside it
 * as `reason`, for tooltips and programs. `status` is the health that goes with the state where none was computed.
 */
const STATES = {
  running: { word: 'Running', status: 'Healthy' },
  finished: { word: 'Finished', status: 'Healthy' },
  starting: { word: 'Starting', status: 'Progressing' },
  restarting: { word: 'Restarting', status: 'Progressing' },
  rolling_out: { word: 'Rolling out', status: 'Progressing' },
  building: { word: 'Building', status: 'Progressing' },
  waiting: { word: 'Waiting to start', status: 'Progressing' },
  waiting_for_quota: { word: 'Waiting for quota', status: 'Progressing' },
  stopping: { word: 'Stopping', status: 'Suspended' },
  not_deployed: { word: 'Not deployed', status: 'Suspended' },
  scaled_to_zero: { word: 'Scaled to 0', status: 'Suspended' },
  paused: { word: 'Paused', status: 'Suspended' },
  missing: { word: 'Missing', status: 'Missing' },
  crashing: { word: 'Crashing', status: 'Degraded' },
  out_of_memory: { word: 'Out of memory', status: 'Degraded' },
  image_not_found: { word: 'Image not found', status: 'Degraded' },
  image_refused: { word: 'No access to the image', status: 'Degraded' },
  image_not_pulled: { word: 'Image not pulled', status: 'Degraded' },
  cannot_start: { word: 'Cannot start', status: 'Degraded' },
  not_listening: { word: 'Not listening', status: 'Degraded' },
  not_answering: { word: 'Not answering', status: 'Degraded' },
  waiting_for_node: { word: 'Waiting for a node', status: 'Degraded' },
  over_quota: { word: 'Over quota', status: 'Degraded' },
  refused: { word: 'Refused', status: 'Degraded' },
  stuck: { word: 'Stuck', status: 'Degraded' },
  removed: { word: 'Removed by its node', status: 'Degraded' },
  release_failed: { word: 'Release failed', status: 'Degraded' },
  build_failed: { word: 'Build failed', status: 'Degraded' },
  failing: { word: 'Failing', status: 'Degraded' },
  node_lost: { word: 'Node not answering', status: 'Unknown' },
  unknown: { word: 'Unknown', status: 'Unknown' },
} as const satisfies Record<string, { word: string; status: HealthStatus }>

export type RunState = keyof typeof STATES
export const RUN_STATES = Object.keys(STATES) as readonly RunState[]

/** The one word, or two, for a state. */
export function stateWord(state: RunState): string {
  return STATES[state].word
}

/** The health that a state means by itself, for its colour. */
export function stateStatus(state: RunState): HealthStatus {
  return STATES[state].status
}

/** States of reasons that Kubernetes and Slipway's own parts give. */
const BY_REASON: Readonly<Record<string, RunState>> = {
  Completed: 'finished',
  ContainerCreating: 'starting',
  PodInitializing: 'starting',
  ContainersNotReady: 'starting',
  Starting: 'starting',
  Pending: 'waiting',
  RollingOut: 'rolling_out',
  NotApplied: 'rolling_out',
  NotObserved: 'rolling_out',
  ReplicasUnavailable: 'starting',
  InstancesNotReady: 'starting',
  Building: 'building',
  Terminating: 'stopping',
  NotDeployed: 'not_deployed',
  ScaledToZero: 'scaled_to_zero',
  DeploymentPaused: 'paused',
  Missing: 'missing',
  CrashLoopBackOff: 'crashing',
  Error: 'crashing',
  OOMKilled: 'out_of_memory',
  ErrImagePull: 'image_not_pulled',
  ImagePullBackOff: 'image_not_pulled',
  InvalidImageName: 'image_not_found',
  ErrImageNeverPull: 'image_not_found',
  ImageInspectError: 'image_not_pulled',
  RegistryUnavailable: 'image_not_pulled',
  SignatureValidationFailed: 'image_refused',
  CreateContainerConfigError: 'cannot_start',
  CreateContainerError: 'cannot_start',
  RunContainerError: 'cannot_start',
  StartError: 'cannot_start',
  ContainerCannotRun: 'cannot_start',
  FailedMount: 'cannot_start',
  FailedAttachVolume: 'cannot_start',
  FailedCreatePodSandBox: 'cannot_start',
  FailedCreatePodContainer: 'cannot_start',
  StartupProbeFailed: 'not_listening',
  LoopbackOnly: 'not_listening',
  Unhealthy: 'not_listening',
  LivenessProbeFailed: 'not_answering',
  HealthCheckFailed: 'not_answering',
  Unschedulable: 'waiting_for_node',
  QuotaExceeded: 'over_quota',
  PodSecurity: 'refused',
  FailedCreate: 'refused',
  Forbidden: 'refused',
  Invalid: 'refused',
  BadRequest: 'refused',
  NamespaceTaken: 'refused',
  ProgressDeadlineExceeded: 'stuck',
  Evicted: 'removed',
  Preempting: 'removed',
  BuildFailed: 'build_failed',
  ReleaseCommand: 'rolling_out',
  ReleaseCommandFailed: 'release_failed',
  NodeLost: 'node_lost',
  ClusterSilent: 'unknown',
}

/** What stays Progressing has not failed yet: the same reason is said in other words. */
function whileProgressing(state: RunState): RunState {
  if (state === 'over_quota') return 'waiting_for_quota'
  return stateStatus(state) === 'Degraded' ? 'restarting' : state
}

/** The state that a reason means; for reasons that nobody has named yet, what its health says. */
export function stateOf({ status, reason }: { status: HealthStatus; reason: string }): RunState {
  const known = Object.hasOwn(BY_REASON, reason) ? BY_REASON[reason] : undefined
  switch (status) {
    case 'Healthy':
      return known === 'finished' ? 'finished' : 'running'
    case 'Progressing':
      return known === undefined ? 'starting' : whileProgressing(known)
    case 'Suspended':
      return known !== undefined && stateStatus(known) === 'Suspended' ? known : 'paused'
    case 'Missing':
      return 'missing'
    case 'Degraded':
      return known !== undefined && stateStatus(known) === 'Degraded' ? known : 'failing'
    case 'Unknown':
      return known === 'node_lost' ? known : 'unknown'
  }
}
