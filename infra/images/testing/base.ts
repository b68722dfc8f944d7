import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

/**
 * A stand-in for `node:…-bookworm-slim` where no public registry is reached: a Debian root file system out of this machine's own packages (`dpkg -L`), with
 * apt and a package database that names just those, so that `apt-get install` in a Dockerfile adds what it would add there; this process' Node, and npm.
 */

/** What a slim image has besides the packages marked essential. */
const BESIDES_ESSENTIAL = ['apt', 'debian-archive-keyring', 'mawk', 'tzdata', 'libstdc++6']

/** As in slim images. */
const LEFT_OUT = /^\/usr\/share\/(doc|man|locale|info|lintian|bug)\/./

const DPKG = '/var/lib/dpkg'

/** Why no base can be made here; null where one can. */
export function whyNoBase(): string | null {
  if (process.platform !== 'linux') return 'a base image is made of a Linux machine’s own packages'
  if (!existsSync(`${DPKG}/status`)) return 'a base image is made of Debian’s packages, and this machine has no dpkg'
  if (process.getuid?.() !== 0) return 'images are built as root here'
  return null
}

interface DebianPackage {
  name: string
  essential: boolean
  /** Alternatives count as needed where they are installed. */
  needs: string[]
  stanza: string
}

function installedPackages(): Map<string, DebianPackage> {
  const found = new Map<string, DebianPackage>()
  for (const stanza of readFileSync(`${DPKG}/status`, 'utf8').split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stanza)?.[1] ?? ''
    if (!field('Status').endsWith(' installed')) continue
    const needs = `${field('Pre-Depends')},${field('Depends')}`.split(/[,|]/)
    found.set(field('Package'), {
      name: field('Package'),
      essential: field('Essential') === 'yes',
      needs: needs.map((each) => each.trim().split(/[ :(]/)[0] ?? '').filter((each) => each !== ''),
      stanza,
    })
  }
  return found
}

function closure(all: Map<string, DebianPackage>): DebianPackage[] {
  const wanted = new Set<DebianPackage>()
  const visit = (name: string) => {
    const next = all.get(name)
    if (next === undefined || wanted.has(next)) return
    wanted.add(next)
    next.needs.forEach(visit)
  }
  for (const { name, essential } of all.values()) if (essential || BESIDES_ESSENTIAL.includes(name)) visit(name)
  return [...wanted].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Files of dpkg's database about one package: `<name>.list`, `<name>:amd64.postinst`, … */
const infoFilesOf = (name: string, all: readonly string[]) =>
  all.filter((file) => file.startsWith(`${name}.`) || file.startsWith(`${name}:`))

/** Makes the root file system in an empty folder; some 200 MB in a few seconds. Reference of the layout: node's official images. */
export function makeBase(root: string): void {
  const packages = closure(installedPackages())
  const info = readdirSync(`${DPKG}/info`)
  const lists = packages.flatMap(({ name }) => infoFilesOf(name, info).filter((file) => file.endsWith('.list')))
  const owned = lists.flatMap((file) => readFileSync(`${DPKG}/info/${file}`, 'utf8').split('\n'))
  const files = owned.filter((file) => file !== '' && file !== '/.' && existsSync(file) && !LEFT_OUT.test(file))
  mergeUsr(root)
  copyAll([...new Set([...files, ...alternativesOf(new Set(files))])], root)
  writePackageDatabase(root, packages, info)
  writeUsers(root)
  copyNode(root)
}

/** /bin, /lib and /sbin lead into /usr, as on every Debian since 12. */
function mergeUsr(root: string): void {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(path.join(root, 'usr', folder), { recursive: true })
    symlinkSync(`usr/${folder}`, path.join(root, folder))
  }
  for (const folder of [
    'dev',
    'proc',
    'sys',
    'run',
    'tmp',
    'root',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
  ])
    mkdirSync(path.join(root, folder), { recursive: true, mode: folder === 'tmp' ? 0o1777 : 0o755 })
}

/** Links such as /usr/bin/awk, which belong to no package, with what they lead over. */
function alternativesOf(files: ReadonlySet<string>): string[] {
  return readdirSync(`${DPKG}/alternatives`).flatMap((name) => {
    const [, link = ''] = readFileSync(`${DPKG}/alternatives/${name}`, 'utf8').split('\n')
    return existsSync(link) && files.has(realpathSync(link)) ? [link, `/etc/alternatives/${name}`] : []
  })
}

function copyAll(files: readonly string[], root: string): void {
  const read = ['--create', '--directory=/', '--no-recursion', '--null', '--files-from=-', '--absolute-names']
  const packed = spawnSync('tar', read, { input: files.join('\0'), maxBuffer: 2 ** 30 })
  if (packed.status !== 0) throw new Error(`tar: ${packed.stderr}`)
  const write = [
    '--extract',
    '--keep-directory-symlink',
    '--numeric-owner',
    '--same-permissions',
    `--directory=${root}`,
  ]
  execFileSync('tar', write, { input: packed.stdout, stdio: ['pipe', 'ignore', 'ignore'] })
}

function writePackageDatabase(root: string, packages: readonly DebianPackage[], info: readonly string[]): void {
  const folder = path.join(root, DPKG)
  for (const name of ['info', 'updates', 'triggers', 'alternatives', 'parts'])
    mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, 'status'), packages.map(({ stanza }) => `${stanza.trim()}\n`).join('\n'))
  for (const name of ['available', 'diversions', 'statoverride']) writeFileSync(path.join(folder, name), '')
  for (const file of packages.flatMap(({ name }) => infoFilesOf(name, info)))
    cpSync(`${DPKG}/info/${file}`, path.join(folder, 'info', file))
  if (existsSync(`${DPKG}/info/format`)) cpSync(`${DPKG}/info/format`, path.join(folder, 'info/format'))
  for (const entry of ['sources.list', 'sources.list.d', 'trusted.gpg.d', 'apt.conf.d'])
    if (existsSync(`/etc/apt/${entry}`))
      cpSync(`/etc/apt/${entry}`, path.join(root, 'etc/apt', entry), { recursive: true })
}

function writeUsers(root: string): void {
  const master = (name: string) => readFileSync(`/usr/share/base-passwd/${name}.master`, 'utf8')
  const password = master('passwd').replace(/^root:\*/, 'root:x')
  writeFileSync(path.join(root, 'etc/passwd'), `${password}node:x:1000:1000::/home/node:/bin/bash\n`)
  writeFileSync(path.join(root, 'etc/group'), `${master('group')}node:x:1000:\n`)
  mkdirSync(path.join(root, 'home/node'), { recursive: true })
  execFileSync('chown', ['1000:1000', path.join(root, 'home/node')])
}

/** Node and npm where the official images have them. */
function copyNode(root: string): void {
  const modules = path.join(root, 'usr/local/lib/node_modules')
  mkdirSync(path.join(root, 'usr/local/bin'), { recursive: true })
  mkdirSync(modules, { recursive: true })
  cpSync(process.execPath, path.join(root, 'usr/local/bin/node'), { dereference: true })
  const command = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim()
  const npm = path.resolve(realpathSync(command), '../..') // …/npm/bin/npm-cli.js
  cpSync(npm, path.join(modules, 'npm'), { recursive: true, dereference: true })
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(root, 'usr/local/bin', name))
}
