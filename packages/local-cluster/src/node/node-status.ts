import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { arch, availableParallelism, hostname, platform, release, totalmem } from 'node:os'
import type { Condition } from '../types/condition.ts'
import type { KubernetesObject } from '../types/objects.ts'
import { NODE_IP } from '../types/pod-ports.ts'
import { Nodes } from '../types/resources.ts'
import { timestamp } from '../types/times.ts'
import type { NodeContext } from './context.ts'

/** The kubelet's. */
const STATUS_PERIOD_MS = 300_000
const MAX_PODS = 250
const KUBELET_VERSION = 'v1.36.2'

interface Node extends KubernetesObject {
  spec?: Record<string, unknown>
  status?: { conditions?: Condition[] } & Record<string, unknown>
}

/** Registers the node and keeps its status fresh. */
export async function startNodeStatus(context: NodeContext): Promise<{ stop(): void }> {
  const capacity = context.allocatable
  await register(context)
  await writeStatus(context, capacity)
  const timer = setInterval(() => {
    writeStatus(context, capacity).catch((error: unknown) =>
      context.log.warn('the node could not report its status', { error: String(error) }),
    )
  }, STATUS_PERIOD_MS)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

/** What the machine has, in the resources of a Node. */
export async function machineCapacity(dir: string): Promise<Record<string, string>> {
  const disk = await statfs(dir)
  return {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
    pods: String(MAX_PODS),
  }
}

async function register(context: NodeContext): Promise<void> {
  if ((await context.api.get(Nodes, { name: context.nodeName })) !== null) return
  const [architecture, system] = [arch() === 'x64' ? 'amd64' : arch(), platform()]
  const labels = {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': system,
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': context.nodeName,
    'kubernetes.io/os': system,
  }
  const annotations = {
    'node.alpha.kubernetes.io/ttl': '0',
    'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
  }
  const metadata = { name: context.nodeName, labels, annotations }
  await context.api.create({ apiVersion: 'v1', kind: 'Node', metadata })
}

async function writeStatus(context: NodeContext, capacity: Readonly<Record<string, string>>): Promise<void> {
  const node = await context.api.get<Node>(Nodes, { name: context.nodeName })
  if (node === null) return register(context)
  const status = {
    ...node.status,
    capacity,
    allocatable: capacity,
    conditions: nodeConditions(node.status?.conditions ?? [], timestamp(context.now())),
    addresses: [
      { type: 'InternalIP', address: NODE_IP },
      { type: 'Hostname', address: context.nodeName },
    ],
    nodeInfo: nodeInfo(),
  }
  await context.api.updateStatus({ ...structuredClone(node), status } as Node)
}

function nodeConditions(present: readonly Condition[], now: string): Condition[] {
  const pressure = (type: string, what: string): Condition => ({
    type,
    status: 'False',
    reason: `KubeletHas${what}`,
    message: `kubelet has ${what === 'SufficientPID' ? 'sufficient PID available' : what === 'NoDiskPressure' ? 'no disk pressure' : 'sufficient memory available'}`,
  })
  const wanted: Condition[] = [
    pressure('MemoryPressure', 'SufficientMemory'),
    pressure('DiskPressure', 'NoDiskPressure'),
    pressure('PIDPressure', 'SufficientPID'),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ]
  return wanted.map((next) => {
    const before = present.find((condition) => condition.type === next.type)
    const lastTransitionTime = before?.status === next.status ? (before.lastTransitionTime ?? now) : now
    return { ...next, lastHeartbeatTime: now, lastTransitionTime }
  })
}

function nodeInfo(): Record<string, string> {
  return {
    machineID: readLine('/etc/machine-id'),
    systemUUID: '',
    bootID: readLine('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: `${platform()} (${hostname()})`,
    containerRuntimeVersion: `slipway-process://${process.versions.node}`,
    kubeletVersion: KUBELET_VERSION,
    kubeProxyVersion: '',
    operatingSystem: platform(),
    architecture: arch() === 'x64' ? 'amd64' : arch(),
  }
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return '' // Not every system has it, and nothing depends on it.
  }
}
