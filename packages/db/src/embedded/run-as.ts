import { spawnSync } from 'node:child_process'
import { chown, lstat, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@slipway/domain'

/** How Postgres' programs are started: as ourselves, or, because they refuse to run as root, as somebody else. */
export interface RunAs {
  uid?: number
  gid?: number
  /** Put before the program: a tool that gives up root but keeps the right to enter directories. */
  prefix: readonly string[]
}

/** All that Postgres' programs need of an environment: nothing of ours is theirs to know. */
export const PROGRAM_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
  NODE_ENV: 'production',
} as const

/** System users that may stand in for root, best first. initdb wants one that has a name. */
const STAND_INS = ['postgres', 'nobody']

async function standIn(): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const name of STAND_INS) {
    const line = passwd.split('\n').find((each) => each.startsWith(`${name}:`))
    const [, , uid, gid] = line?.split(':') ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new AppError(
    'not_configured',
    'Postgres does not run as root. Start Slipway as another user, or set DATABASE_URL.',
  )
}

/** True when a user can enter `dir` and all directories above it. */
async function canEnter(dir: string, who: { uid: number; gid: number }): Promise<boolean> {
  for (let current = path.resolve(dir); ; current = path.dirname(current)) {
    const { mode, uid, gid } = await stat(current)
    const bit = uid === who.uid ? 0o100 : gid === who.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (current === path.dirname(current)) return true
  }
}

/** Arguments of setpriv (util-linux) that drop root and keep CAP_DAC_OVERRIDE; null where it is not there or may not. */
function privilegeTool(who: { uid: number; gid: number }): string[] | null {
  const prefix = [
    'setpriv',
    `--reuid=${who.uid}`,
    `--regid=${who.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--',
  ]
  const [tool = '', ...args] = prefix
  const attempt = spawnSync(tool, [...args, process.execPath, '--version'], { stdio: 'ignore', timeout: 10_000 })
  return attempt.status === 0 ? prefix : null
}

export interface Reach {
  runAs: RunAs
  /** The stand-in can not enter the directory that the binaries are in: they have to be copied next to the data. */
  copyBinaries: boolean
}

/**
 * Decides who runs Postgres. Not root: ourselves. Root: a system user, if it can enter `dataParent`; if not (a checkout under
 * /root), the same user with the right to pass closed directories. Throws `not_configured` when neither works.
 */
export async function chooseRunAs(dataParent: string, binariesHome: string): Promise<Reach> {
  if (process.getuid?.() !== 0) return { runAs: { prefix: [] }, copyBinaries: false }
  const who = await standIn()
  if (await canEnter(dataParent, who)) {
    return { runAs: { ...who, prefix: [] }, copyBinaries: !(await canEnter(path.join(binariesHome, 'bin'), who)) }
  }
  const prefix = privilegeTool(who)
  if (prefix) return { runAs: { prefix }, copyBinaries: false }
  throw new AppError(
    'not_configured',
    `Postgres does not run as root, and no other user can enter ${dataParent}. Start Slipway as another user, or set SLIPWAY_STATE_DIR to a directory that others can enter, such as /var/lib/slipway.`,
  )
}

/** Hands a directory to the user that Postgres runs as; nothing to do when that is ourselves. */
export async function giveTo(dir: string, runAs: RunAs): Promise<void> {
  if (process.getuid?.() !== 0) return
  const who = runAs.uid === undefined ? await standIn() : runAs
  if (who.uid === undefined || who.gid === undefined || (await stat(dir)).uid === who.uid) return
  await chownTree(dir, who.uid, who.gid)
}

/** The top last: while it is not theirs, the work is not done. */
async function chownTree(file: string, uid: number, gid: number): Promise<void> {
  const info = await lstat(file)
  if (info.isSymbolicLink()) return
  if (info.isDirectory()) for (const name of await readdir(file)) await chownTree(path.join(file, name), uid, gid)
  await chown(file, uid, gid)
}
