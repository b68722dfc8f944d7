import type { VolumeMount } from './volume.ts'

/** Containers, with the fields that are read here, as they are after the API server's defaults. */

export interface EnvVar {
  name: string
  value?: string
  valueFrom?: {
    secretKeyRef?: { name: string; key: string; optional?: boolean }
    configMapKeyRef?: { name: string; key: string; optional?: boolean }
    fieldRef?: { fieldPath: string }
    resourceFieldRef?: { containerName?: string; resource: string; divisor?: string | number }
  }
}

export interface Handler {
  exec?: { command?: string[] }
  httpGet?: {
    path?: string
    port: number | string
    host?: string
    scheme?: string
    httpHeaders?: { name: string; value: string }[]
  }
  tcpSocket?: { port: number | string; host?: string }
  grpc?: { port: number; service?: string }
  sleep?: { seconds: number }
}

export interface Probe extends Handler {
  initialDelaySeconds?: number
  timeoutSeconds?: number
  periodSeconds?: number
  successThreshold?: number
  failureThreshold?: number
  terminationGracePeriodSeconds?: number
}

export interface Container {
  name: string
  image: string
  command?: string[]
  args?: string[]
  workingDir?: string
  env?: EnvVar[]
  envFrom?: {
    prefix?: string
    secretRef?: { name: string; optional?: boolean }
    configMapRef?: { name: string; optional?: boolean }
  }[]
  ports?: { name?: string; containerPort: number; hostPort?: number; protocol?: string }[]
  volumeMounts?: VolumeMount[]
  resources?: { requests?: Record<string, string | number>; limits?: Record<string, string | number> }
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: { preStop?: Handler; postStart?: Handler }
  terminationMessagePath?: string
  terminationMessagePolicy?: string
  imagePullPolicy?: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  securityContext?: SecurityContext
  /** `Always` on an init container makes it a sidecar. */
  restartPolicy?: string
}

/** What a container may do; a pod's settings stand for those of its containers that have none. */
export interface SecurityContext {
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
  privileged?: boolean
  readOnlyRootFilesystem?: boolean
  allowPrivilegeEscalation?: boolean
  capabilities?: { add?: string[]; drop?: string[] }
  seccompProfile?: { type: string }
}

export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    signal?: number
    reason: string
    message?: string
    /** Null where nobody saw it. */
    startedAt: string | null
    finishedAt: string | null
    containerID?: string
  }
}

export interface ContainerStatus {
  name: string
  state: ContainerState
  lastState: ContainerState
  ready: boolean
  started: boolean
  restartCount: number
  image: string
  imageID: string
  containerID?: string
}
