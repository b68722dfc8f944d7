import { spawnSync } from 'node:child_process'
import { chown, lstat, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@slipway/domain/errors'

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

/** True when a user may pass all directories above `file` and enter or run it. */
async function canReach(file: string, who: { uid: number; gid: number }): Promise<boolean> {
  for (let current = path.resolve(file); ; current = path.dirname(current)) {
    const { mode, uid, gid } = await stat(current)
    const bit = uid === who.uid ? 0o100 : gid === who.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (current === path.dirname(current)) return true
  }
}

/** Fails with EACCES where access(2) says no: Postgres' programs look for each other with it. */
const PROBE = "const { accessSync, constants } = require('node:fs'); accessSync(process.argv[1], constants.X_OK)"

/** Far above what a probe needs (a tenth of a second), so that only a machine with nothing left for us reaches it. */
const PROBE_TIMEOUT_MS = 60_000

/** @throws `unavailable` when it has not ended in time: a busy machine says nothing about rights. */
function succeeds(command: string, args: string[], timeoutMs: number): boolean {
  const { status, error } = spawnSync(command, args, { cwd: '/', stdio: 'ignore', timeout: timeoutMs })
  if (error && 'code' in error && error.code === 'ETIMEDOUT')
    throw new AppError(
      'unavailable',
      `This machine is too busy to start Postgres: ${command} did not end within ${timeoutMs / 1000} s. Start Slipway again when the machine has less to do.`,
    )
  return status === 0
}

/**
 * Arguments of setpriv (util-linux) that drop root and keep one capability to pass closed directories; null where none works.
 * access(2) ignores capabilities of users other than root unless no_setuid_fixup is set (capabilities(7)), and then
 * initdb would not find postgres beside itself. CAP_DAC_OVERRIDE is for clones made with umask 077, and for containers
 * that have not been given CAP_DAC_READ_SEARCH.
 */
function privilegeTool(who: { uid: number; gid: number }, program: string, timeoutMs: number): string[] | null {
  for (const capability of ['dac_read_search', 'dac_override']) {
    const options = [
      `--reuid=${who.uid}`,
      `--regid=${who.gid}`,
      '--clear-groups',
      `--inh-caps=+${capability}`,
      `--ambient-caps=+${capability}`,
      '--securebits=+no_setuid_fixup',
      '--',
    ]
    const runs = (command: string[]) => succeeds('setpriv', [...options, ...command], timeoutMs)
    if (runs([process.execPath, '--eval', PROBE, program]) && runs([program, '--version']))
      return ['setpriv', ...options]
  }
  return null
}

export interface Reach {
  runAs: RunAs
  /** The stand-in cannot enter the directory that the binaries are in: they have to be copied next to the data. */
  copyBinaries: boolean
}

/**
 * Decides who runs Postgres. Not root: ourselves. Root: a system user, if it can enter `dataParent`; if not (a clone in
 * /root), the same user with the right to pass closed directories. Throws `not_configured` when neither works.
 */
export async function chooseRunAs(
  dataParent: string,
  binariesHome: string,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<Reach> {
  if (process.getuid?.() !== 0) return { runAs: { prefix: [] }, copyBinaries: false }
  const who = await standIn()
  const program = path.join(binariesHome, 'bin/postgres')
  if (await canReach(dataParent, who)) {
    return { runAs: { ...who, prefix: [] }, copyBinaries: !(await canReach(program, who)) }
  }
  const prefix = privilegeTool(who, program, timeoutMs)
  if (prefix) return { runAs: { prefix }, copyBinaries: false }
  throw new AppError(
    'not_configured',
    `Postgres does not run as root, and setpriv (util-linux) could not let another user enter ${dataParent}: start Slipway as another user, or set SLIPWAY_STATE_DIR to a directory that others may enter, such as /var/lib/slipway.`,
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
