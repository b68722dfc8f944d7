import type { Container } from '../../types/container.ts'
import { quantityOf } from '../../types/quantity.ts'
import type { Mount } from '../volumes/mounts.ts'
import type { Identity } from './identity.ts'
import { MASKED_PATHS, READONLY_PATHS, type Security } from './security.ts'

/** Processes and threads that a container may have at a time; Kubernetes leaves the number to the node. */
export const MOST_PROCESSES = 2048

const CPU_PERIOD_US = 100_000
/** The kernel takes no less. */
const LEAST_CPU_QUOTA_US = 1_000
const LEAST_CPU_SHARES = 2

export interface SpecToMake {
  container: Container
  args: readonly string[]
  env: Readonly<Record<string, string>>
  workingDir: string
  terminal: boolean
  identity: Identity
  security: Security
  hostname: string
  mounts: readonly Mount[]
  cgroupsPath: string
  /** Version of the machine's control groups; with 2 the container sees its own as the only ones. */
  cgroupVersion: 1 | 2
  /** Whether the kernel counts swap against a limit of memory. */
  limitsSwap: boolean
}

const unsafe = ['nosuid', 'noexec', 'nodev']
const BASE_MOUNTS = [
  { destination: '/proc', type: 'proc', source: 'proc', options: unsafe },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...unsafe, 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: unsafe },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...unsafe, 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...unsafe, 'relatime', 'ro'] },
]

/** The container's `config.json`. Reference: https://github.com/opencontainers/runtime-spec/blob/main/config.md */
export function runtimeSpec(make: SpecToMake): object {
  const { identity, security, cgroupVersion } = make
  const { capabilities, privileged } = security
  const namespaces = ['pid', 'ipc', 'uts', 'mount', ...(cgroupVersion === 2 ? ['cgroup'] : [])]
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: make.terminal,
      user: { uid: identity.uid, gid: identity.gid, additionalGids: identity.groups },
      args: make.args,
      env: Object.entries(make.env).map(([name, value]) => `${name}=${value}`),
      cwd: make.workingDir,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: security.noNewPrivileges,
    },
    root: { path: 'root', readonly: security.readOnlyRoot },
    hostname: make.hostname,
    mounts: [...BASE_MOUNTS, ...make.mounts.map(bindMount)],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      cgroupsPath: make.cgroupsPath,
      resources: resources(make),
      ...(security.seccomp === null ? {} : { seccomp: security.seccomp }),
      ...(privileged ? {} : { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS }),
    },
  }
}

const bindMount = ({ source, target, readOnly }: Mount) => ({
  destination: target,
  type: 'bind',
  source,
  options: ['rbind', 'rprivate', readOnly ? 'ro' : 'rw'],
})

function resources({ container, security, limitsSwap }: SpecToMake): object {
  const { limits = {}, requests = {} } = container.resources ?? {}
  const memory = limits.memory === undefined ? null : Number(quantityOf(limits.memory).nano / 1_000_000_000n)
  const quota = limits.cpu === undefined ? null : millis(limits.cpu) * (CPU_PERIOD_US / 1000)
  const shares = Math.max(LEAST_CPU_SHARES, Math.floor((millis(requests.cpu ?? 0) * 1024) / 1000))
  return {
    devices: [{ allow: security.privileged, access: 'rwm' }],
    pids: { limit: MOST_PROCESSES },
    cpu: {
      shares,
      ...(quota === null ? {} : { quota: Math.max(LEAST_CPU_QUOTA_US, Math.round(quota)), period: CPU_PERIOD_US }),
    },
    // A limit that swap would stretch is none.
    ...(memory === null ? {} : { memory: { limit: memory, ...(limitsSwap ? { swap: memory } : {}) } }),
  }
}

const millis = (cpu: string | number) => Number(quantityOf(cpu).nano / 1_000_000n)
