import type { Container, SecurityContext } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'

/**
 * Capabilities of a container that asks for none, as containerd grants them; without NET_RAW, since pods share the machine's
 * network, where it would show the traffic of others.
 * Reference: https://github.com/containerd/containerd/blob/main/pkg/oci/spec.go (defaultUnixCaps)
 */
const DEFAULT_CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]

const OTHER_CAPABILITIES = [
  ...['AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'DAC_READ_SEARCH', 'IPC_LOCK', 'IPC_OWNER', 'LEASE'],
  ...['LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'NET_ADMIN', 'NET_BROADCAST', 'NET_RAW', 'SYSLOG', 'SYS_ADMIN'],
  ...['SYS_BOOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME'],
  ...['SYS_TTY_CONFIG', 'WAKE_ALARM', 'PERFMON', 'BPF', 'CHECKPOINT_RESTORE'],
]

export interface Security {
  /** With their prefix, as the kernel knows them. */
  capabilities: string[]
  noNewPrivileges: boolean
  privileged: boolean
  readOnlyRoot: boolean
  seccomp: object | null
}

/** Settings of the container, with the pod's where it has none. */
export const securityContext = (pod: Pod, container: Container): SecurityContext => ({
  ...pod.spec.securityContext,
  ...container.securityContext,
})

/**
 * What the container may do. `none`: nothing, whatever it asks for.
 * Reference: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
export function securityOf(context: SecurityContext, grants: 'default' | 'none'): Security {
  const readOnlyRoot = context.readOnlyRootFilesystem === true
  if (grants === 'none') {
    return { capabilities: [], noNewPrivileges: true, privileged: false, readOnlyRoot, seccomp: SECCOMP }
  }
  const privileged = context.privileged === true
  const capabilities = privileged ? [...DEFAULT_CAPABILITIES, ...OTHER_CAPABILITIES] : granted(context)
  const unconfined = privileged || context.seccompProfile?.type === 'Unconfined' || capabilities.includes('SYS_ADMIN')
  return {
    capabilities: capabilities.map((name) => `CAP_${name}`),
    noNewPrivileges: context.allowPrivilegeEscalation === false,
    privileged,
    readOnlyRoot,
    seccomp: unconfined ? null : SECCOMP,
  }
}

function granted({ capabilities: { add = [], drop = [] } = {} }: SecurityContext): string[] {
  const plain = (names: string[]) => names.map((name) => name.toUpperCase().replace(/^CAP_/, ''))
  const [added, dropped] = [plain(add), plain(drop)]
  const known = new Set([...DEFAULT_CAPABILITIES, ...OTHER_CAPABILITIES])
  const base = added.includes('ALL') ? [...known] : dropped.includes('ALL') ? [] : DEFAULT_CAPABILITIES
  const kept = base.filter((name) => !dropped.includes(name))
  return [...new Set([...kept, ...added.filter((name) => known.has(name))])]
}

/** Calls that no ordinary program makes, and that the profiles of Docker and containerd refuse without further capabilities. */
const REFUSED_CALLS = [
  ...['_sysctl', 'acct', 'add_key', 'bpf', 'clock_adjtime', 'clock_settime', 'create_module', 'delete_module'],
  ...['finit_module', 'fsconfig', 'fsmount', 'fsopen', 'fspick', 'get_kernel_syms', 'init_module', 'io_uring_enter'],
  ...['io_uring_register', 'io_uring_setup', 'ioperm', 'iopl', 'kcmp', 'kexec_file_load', 'kexec_load', 'keyctl'],
  ...['lookup_dcookie', 'mount', 'mount_setattr', 'move_mount', 'move_pages', 'nfsservctl', 'open_by_handle_at'],
  ...['open_tree', 'perf_event_open', 'pivot_root', 'process_madvise', 'query_module', 'quotactl', 'quotactl_fd'],
  ...['reboot', 'request_key', 'setdomainname', 'sethostname', 'setns', 'settimeofday', 'stime', 'swapoff', 'swapon'],
  ...[
    'syslog',
    'sysfs',
    'umount',
    'umount2',
    'unshare',
    'uselib',
    'userfaultfd',
    'ustat',
    'vhangup',
    'vm86',
    'vm86old',
  ],
]
/** CLONE_NEW* of clone(2): time, mount, cgroup, UTS, IPC, user, PID, network. */
const NAMESPACE_FLAGS = [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
const ENOSYS = 38

/** Stands for RuntimeDefault. Reference: https://docs.docker.com/engine/security/seccomp/ */
const SECCOMP = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  syscalls: [
    { names: REFUSED_CALLS, action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    // One rule a flag: rules of a call are alternatives.
    ...NAMESPACE_FLAGS.map((flag) => ({
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 1,
      args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
    })),
    // Its flags cannot be looked into: the C library falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ],
}

export const MASKED_PATHS = [
  ...['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list'],
  ...['/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware', '/sys/devices/virtual/powercap'],
  '/etc/ssl/private',
]
export const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']
