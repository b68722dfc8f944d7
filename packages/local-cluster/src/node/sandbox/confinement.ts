import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { MOST_PROCESSES } from '../runtime/spec.ts'
import { PID_NAMESPACE, type SandboxTools } from './plan.ts'

/** What a program of a team is kept from, besides what its view of the file system hides. */
export interface Confinement {
  /** Whom it runs as, without capabilities. Null: the user of the cluster. */
  user: number | null
  /** It sees its own processes only, and they end with it. */
  ownProcesses: boolean
  /** What its environment is to be. */
  env: Readonly<Record<string, string>>
}

/** Users of pods are above those of people, services and other tools. */
export const FIRST_USER = 2 ** 30
export const MOST_USERS = 2 ** 30
/** May read and write files of images, which containers see under layers of their own. */
export const IMAGE_GROUP = FIRST_USER - 1

/** Names that a POSIX shell keeps in the environment; others it drops. */
export const SHELL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const DISGUISE = '_slipway_'
const SAFE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** The first process only waits: it has no signals that it must heed, and reaps what others leave behind. */
const FIRST_PROCESS = [
  // The namespace is kept by its place in the /proc that was there before.
  `until [ ${PID_NAMESPACE} -ef /proc/self/ns/pid ]; do sleep 0.01; done`,
  'mount -t proc proc /proc || exit 125',
  '"$@"',
  'exit $?',
].join('; ')

/**
 * An environment under names that mean nothing to the programs in front of the container's own: by PATH or LD_PRELOAD those
 * would run what a team wrote, with the rights of the cluster.
 */
export function disguised(env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [DISGUISE + name, value])),
    PATH: SAFE_PATH,
  }
}

/** What stands in front of a program, beginning with the cluster's rights in the container's view. */
export function confine(tools: SandboxTools, { user, ownProcesses, env }: Confinement): string[] {
  const { unshare, sh } = tools
  const processes = [unshare, `--pid=${PID_NAMESPACE}`, '--fork', '--kill-child', '--', sh, '-c', FIRST_PROCESS, sh]
  return [...(ownProcesses ? processes : []), ...withoutRights(tools, { user, env })]
}

/** The same for a command beside that program. */
export function confineBeside(tools: SandboxTools, { user, ownProcesses, env }: Confinement): string[] {
  const join = ownProcesses ? [tools.nsenter, `--pid=${PID_NAMESPACE}`, '--'] : []
  return [...join, ...withoutRights(tools, { user, env })]
}

function withoutRights(
  { prlimit, setpriv, unshare, sh }: SandboxTools,
  { user, env }: Omit<Confinement, 'ownProcesses'>,
): string[] {
  const names = Object.keys(env).filter((name) => SHELL_NAME.test(name))
  const reveal = names.map((name) => `export ${name}="$${DISGUISE}${name}"`)
  const rest = names.map((name) => `unset ${DISGUISE}${name}`)
  const shell = [sh, '-c', [...reveal, ...rest, 'exec "$@"'].join('; '), sh]
  if (user === null) return [...asBefore(unshare), ...shell]
  const rights = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all']
  const own = ['--reuid', String(user), '--regid', String(user), '--groups', String(IMAGE_GROUP)]
  return [prlimit, `--nproc=${MOST_PROCESSES}:${MOST_PROCESSES}`, setpriv, ...own, ...rights, '--', ...shell]
}

/** A user namespace's first user may mount; inside it the program gets its own user back. */
export function asBefore(unshare: string): string[] {
  const [user, group] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  return user === 0 ? [] : [unshare, '-U', `--map-user=${user}`, `--map-group=${group}`, '--']
}

/** The outermost directory on the way to a place that is closed to others, as home folders are. */
export function closedAbove(place: string): string | null {
  const above = dirname(place)
  if (above === place) return null
  return closedAbove(above) ?? ((statSync(above).mode & 1) === 0 ? above : null)
}
