import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { followInside } from '../../registry/images/index.ts'
import type { Container } from '../../types/container.ts'
import type { Pod } from '../../types/pod.ts'
import { ContainerConfigError } from '../container/environment.ts'
import type { Identity } from './identity.ts'
import { securityContext } from './security.ts'

/** Enough for any passwd or group file; more is not read. */
const MOST_BYTES = 1024 * 1024

/**
 * Who the container runs as: the pod's wish, else the image's user with names resolved by the image's own files.
 * @throws ContainerConfigError in the kubelet's words
 * Reference: https://github.com/opencontainers/image-spec/blob/main/config.md (User)
 */
export function identityOf(pod: Pod, container: Container, imageUser: string, rootDir: string): Identity {
  const context = securityContext(pod, container)
  const [user = '', group] = (context.runAsUser === undefined ? imageUser : String(context.runAsUser)).split(':')
  const account = findAccount(user, rootDir)
  if (context.runAsNonRoot === true) refuseRoot(pod, container, user, account.uid, context.runAsUser !== undefined)
  const gid = context.runAsGroup ?? (group === undefined || group === '' ? account.gid : findGroup(group, rootDir))
  const own = account.name === null ? [] : groupsOf(account.name, rootDir)
  const { supplementalGroups = [], fsGroup } = pod.spec.securityContext ?? {}
  // As with containerd, the first group is one of them.
  const groups = [gid, ...own, ...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])]
  return { uid: account.uid, gid, groups: [...new Set(groups)] }
}

function refuseRoot(pod: Pod, container: Container, user: string, uid: number, asked: boolean): void {
  const { name, namespace = '', uid: podUid = '' } = pod.metadata
  const where = `(pod: "${name}_${namespace}(${podUid})", container: ${container.name})`
  if (uid === 0) {
    const who = asked
      ? "container's runAsUser breaks non-root policy"
      : 'container has runAsNonRoot and image will run as root'
    throw new ContainerConfigError(`${who} ${where}`)
  }
  if (!/^\d+$/.test(user)) {
    const why = `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root`
    throw new ContainerConfigError(`${why} ${where}`)
  }
}

function findAccount(user: string, rootDir: string): { name: string | null; uid: number; gid: number } {
  const lines = linesOf(rootDir, 'etc/passwd')
  const wanted = user === '' ? '0' : user
  const found = lines.find(([name, , uid]) => name === wanted || uid === wanted)
  if (found !== undefined) return { name: found[0] ?? null, uid: Number(found[2]), gid: Number(found[3]) || 0 }
  if (/^\d+$/.test(wanted)) return { name: null, uid: Number(wanted), gid: 0 }
  throw new ContainerConfigError(`unable to find user ${wanted}: no matching entries in passwd file`)
}

function findGroup(group: string, rootDir: string): number {
  if (/^\d+$/.test(group)) return Number(group)
  const found = linesOf(rootDir, 'etc/group').find(([name]) => name === group)
  if (found === undefined)
    throw new ContainerConfigError(`unable to find group ${group}: no matching entries in group file`)
  return Number(found[2])
}

const groupsOf = (user: string, rootDir: string) =>
  linesOf(rootDir, 'etc/group')
    .filter(([, , , members = '']) => members.split(',').includes(user))
    .map(([, , gid]) => Number(gid))
    .filter(Number.isInteger)

/** Lines of a file of the image, whose links mean the image's own files. */
function linesOf(rootDir: string, name: string): string[][] {
  const path = followInside(rootDir, name)
  if (path === null || rootDir === '') return []
  const info = lstatSync(path)
  if (!info.isFile() || info.size > MOST_BYTES) return []
  return readFileSync(join(path), 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
}
