import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Mount } from '../volumes/mounts.ts'
import type { Identity } from './identity.ts'

/** Where programs of the machine and their parts are. On many machines most are links to places in /usr. */
const TREES = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']

/** What programs look up in /etc: nothing that is secret, and not the machine's people, hosts and network. */
const SETTINGS =
  /^(?:alternatives|ca-certificates|debian_version|fonts|gai\.conf|host\.conf|ImageMagick|java|ld\.so|localtime|magic|maven|mime\.types|mysql|nginx|node|nsswitch\.conf|openssl|os-release|perl|php|pki|postgresql-common|profile$|protocols|python|redhat-release|rpc|ruby|services|ssl|timezone)/

/** Accounts from here on are people's. */
const FIRST_PERSON = 1000
const NOBODY = 65_534
export const HOME = '/home/app'

/** A root made of the machine's own programs. */
export interface MachineRoot {
  /** Directories that the container sees under a layer of its own. */
  trees: readonly string[]
  /** Read-only pieces at their own places. */
  mounts: readonly Mount[]
}

/**
 * What a container of the machine's own programs sees of the machine: programs, the settings that they need, and `more`.
 * Slipway's state, home folders and people's accounts are not among it.
 * @param upper the container's own layer, above everything else of its root
 * @param more further files and directories, at their own paths
 */
export function machineRoot(upper: string, identity: Identity, more: readonly string[]): MachineRoot {
  mkdirSync(upper, { recursive: true, mode: 0o755 })
  const trees: string[] = []
  for (const name of TREES) {
    const place = join('/', name)
    const info = lstatSync(place, { throwIfNoEntry: false })
    if (info?.isSymbolicLink()) symlinkSync(readlinkSync(place), join(upper, name))
    else if (info?.isDirectory()) trees.push(place)
  }
  const etc = readdirSync('/etc').filter((name) => SETTINGS.test(name))
  makePlaces(upper, identity)
  return { trees, mounts: [...etc.map((name) => join('/etc', name)), ...more].flatMap(readOnly) }
}

function readOnly(place: string): Mount[] {
  if (!existsSync(place)) return []
  // At the place itself, whatever it links to.
  const source = realpathSync(place)
  return [{ name: '', source, target: place, readOnly: true, isFile: !statSync(source).isDirectory() }]
}

/** Where the program may write, and the accounts that it finds. */
function makePlaces(upper: string, { uid, gid }: Identity): void {
  const places = { etc: 0o755, home: 0o755, run: 0o755, tmp: 0o1777, var: 0o755, 'var/lib': 0o755, 'var/tmp': 0o1777 }
  for (const [name, mode] of Object.entries(places)) {
    mkdirSync(join(upper, name), { recursive: true })
    chmodSync(join(upper, name), mode)
  }
  const home = join(upper, HOME)
  mkdirSync(home)
  chownSync(home, uid, gid)
  writeAccounts(join(upper, 'etc'), { uid, gid }, HOME)
}

/** Makes `passwd` and `group`, in which a container finds itself. */
export function writeAccounts(dir: string, { uid, gid }: Pick<Identity, 'uid' | 'gid'>, home: string): void {
  writeFileSync(join(dir, 'passwd'), accounts('/etc/passwd', `app:x:${uid}:${gid}::${home}:/bin/sh`, uid))
  writeFileSync(join(dir, 'group'), accounts('/etc/group', `app:x:${gid}:`, gid))
}

/** The machine's own accounts, without people's, and the container's. */
function accounts(file: string, own: string, id: number): string {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  const kept = lines.filter((line) => {
    const number = Number(line.split(':')[2])
    return number < FIRST_PERSON || number === NOBODY
  })
  const isKnown = kept.some((line) => Number(line.split(':')[2]) === id)
  return `${[...kept, ...(isKnown ? [] : [own])].join('\n')}\n`
}

/**
 * Where Node and the programs on a PATH have their parts, of those that are outside of the machine's own trees. Of home folders
 * only Node's part is among them.
 */
export function programPlaces(path: string, stateDir: string): string[] {
  const trees = TREES.map((name) => join('/', name))
  const isBelow = (dir: string, place: string) => place === dir || place.startsWith(dir === '/' ? dir : `${dir}/`)
  const entries = path.split(':').filter((entry) => entry.startsWith('/') && existsSync(entry))
  const others = entries.map((entry) => realpathSync(entry)).filter((entry) => entry.split('/').length > 2)
  const homes = ['/home', '/root', homedir()]
  const places = [
    dirname(realpathSync(process.execPath)),
    ...others.filter((entry) => !homes.some((home) => isBelow(home, entry))),
  ].map((place) => (basename(place) === 'bin' ? dirname(place) : place))
  return [...new Set(places)].filter(
    (place) =>
      !trees.some((tree) => isBelow(tree, place)) && ![stateDir, ...homes].some((hidden) => isBelow(place, hidden)),
  )
}
