/**
 * Everything that a play does not compare, and why. There is no other exception: no scenario has one of its own.
 */

/** Fields of which only the presence is compared: `**` is any number of steps, `*` one. */
export const differentEachRun: readonly [path: string, why: string][] = [
  ['**.uid', 'made at random'],
  ['**.resourceVersion', 'counts the writes to the whole cluster'],
  ['**.*Timestamp', 'the time of the play'],
  ['**.*Time', 'the time of the play'],
  ['**.*At', 'the time of the play'],
  ['**.managedFields.*.time', 'the time of the play'],
  ['**.containerID', 'made at random'],
  ['**.imageID', 'the digest of what the recorded machine had pulled under this tag'],
  ['**.podIP', 'the address of the play'],
  ['**.podIPs', 'the address of the play'],
  ['**.hostIP', 'the address of the node'],
  ['**.hostIPs', 'the address of the node'],
  ['**.clusterIP', 'the address of the play'],
  ['**.clusterIPs', 'the address of the play'],
  ['**.terminatingReplicas', 'how long the machine takes to stop containers and take their sandboxes down'],
  ['endpoints.*.addresses', 'the address of the play'],
  ['storageVersionHash', 'a hash over the versions that the recorded server stores'],
  ['**.storageVersionHash', 'a hash over the versions that the recorded server stores'],
  ['serverAddressByClientCIDRs', 'the address of the server'],
  ['gitCommit', 'the build of the recorded server'],
  ['buildDate', 'the build of the recorded server'],
  ['goVersion', 'the build of the recorded server'],
  ['platform', 'the machine of the server'],
  ['**.cells.Age', 'the time of the play'],
  ['**.cells.Last Seen', 'the time of the play'],
  ['**.cells.First Seen', 'the time of the play'],
  ['**.cells.OS-Image', 'the machine of the node'],
  ['**.cells.Kernel-Version', 'the machine of the node'],
  ['**.cells.Container-Runtime', 'what runs containers on the node'],
]

/** The same for objects of one kind alone. */
export const differentEachRunOf: readonly [kind: string, path: string, why: string][] = [
  ['EndpointSlice', 'metadata.generation', 'counts its writes, and pods that change at once are written at once'],
]

/** Fields that are left out on both sides. */
export const leftOut: readonly [path: string, why: string][] = [
  ['**.annotations.local.slipway.dev/ports', 'ours alone: where the ports of a pod are found on the host'],
  ['**.annotations.local.slipway.dev/isolation', 'ours alone: what separates containers'],
  [
    '**.annotations.endpoints.kubernetes.io/last-change-trigger-time',
    'not set where the last write was for a change of another kind, which may have come at once with one of readiness',
  ],
  ['count', 'how often a loop went round until the recording ended, in events'],
  ['series', 'how often a loop went round until the recording ended, in events'],
]

/** Elements of lists that are left out on both sides: where the list stands, and what the element contains. */
export const leftOutItems: readonly [list: string, text: string, why: string][] = [
  [
    'projected.sources',
    '"openshift-service-ca.crt"',
    'the recorded server was a build that mounts one certificate more than Kubernetes does',
  ],
]

/** Lists of which only what both sides have is compared: by field, and the paths that answer with them. */
export const onlyCommon: readonly [field: string, path: RegExp, why: string][] = [
  ['groups', /^\/apis$/, 'kinds that are not served'],
  ['resources', /^\/apis?\//, 'kinds that are not served'],
  ['rows', /^\/apis?\/(?!.*\/namespaces\/)/, 'what else stands in the cluster'],
  ['items', /^\/apis?\/(?!.*\/namespaces\/)/, 'what else stands in the cluster'],
]

/** Parts of a recording's own text that are read as something else. */
export const readAs: readonly [text: string, as: string, why: string][] = [
  [
    '"limits":{"memory":"9007199254740988Ki"}',
    '',
    'what control groups of version 1 on the recorded machine say for "no limit", where the kubelet asked them in time',
  ],
]

/** Parts of texts that are replaced on both sides. */
export const replacedText: readonly [pattern: RegExp, by: string, why: string][] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID', 'made at random'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, 'ADDRESS', 'the address of the play'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME', 'the time of the play'],
  [/(?<=\.)[0-9a-f]{16}\b/g, 'TIME', 'names of events end in the time they were first seen'],
  [/^default-scheduler-[\w.-]+$|(?<=^default-scheduler, )\S+$/g, 'default-scheduler', 'the machine of the scheduler'],
  [/\b[0-9a-f]{64}\b/g, 'DIGEST', 'made at random'],
  [/(?<=too old resource version: \d+ \()\d+/g, 'VERSION', 'counts the writes to the whole cluster'],
  [
    /(?<=failed to resolve image: )(?:failed to do request: |it is not in the |The registry \S+ cannot be reached ).*/gs,
    'NOT FOUND',
    'without an OCI runtime the local cluster looks in its own registry only; with one it says in its own words what failed',
  ],
  [/(?<=lookup \S+)(?: on ADDRESS)?: .*/g, ': no such host', 'the name server of the machine'],
  [/\b\d+(?:\.\d+)?(?:ms|µs|s)(?= \(| including)/g, 'DURATION', 'how long a pull took'],
]

/** Events that are not compared at all. */
export const leftOutEvents: readonly [reason: string, message: RegExp, why: string][] = [
  [
    'Unhealthy',
    /^(?:Readiness|Startup) probe (?:failed|errored).*(?:connection refused|connection reset|EOF|task found|CONTAINER_EXITED|task DIGEST not found|task [0-9a-f]+ not found)/s,
    'whether a probe comes before the program listens, or while it ends, is chance',
  ],
]
