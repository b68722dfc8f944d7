import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { quoted } from '../../types/programs.ts'
import { insideImage } from '../container/command.ts'
import type { Mount } from '../volumes/mounts.ts'

/** Programs of the machine by which a container gets its own view of the file system. */
export interface SandboxTools {
  sh: string
  unshare: string
  nsenter: string
  mount: string
  umount: string
  pivotRoot: string
  mkdir: string
  setpriv: string
  prlimit: string
}

/** Where a view keeps its namespace of processes. */
export const PID_NAMESPACE = '/.slipway/pids'

export interface SandboxPlan {
  /** Directory of the container's view; empty, below `keep`. */
  dir: string
  /** The image's directory, `/` for programs of the machine. */
  imageRoot: string
  /** Where what the container writes over its image goes: two empty directories on disk. Null: kept in memory. */
  layer: { upper: string; work: string } | null
  mounts: readonly Mount[]
  workingDir: string
  /** Directories of which only `places` are left: the cluster's own, and homes that are closed to others. */
  hidden: readonly string[]
  /** Files and directories that stay what they are on the machine, whatever is hidden or mounted around them. */
  places: readonly string[]
}

/** Mounts that cannot be arranged; the message is the container's. */
class SandboxError extends Error {
  override name = 'SandboxError'
}

const DEVICES = [
  'null',
  'zero',
  'full',
  'random',
  'urandom',
  'tty',
  'kvm',
  'fuse',
  'dri',
  'snd',
  'pts',
  'shm',
  'mqueue',
]
const DEVICE_LINKS = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
  ptmx: 'pts/ptmx',
}

/**
 * The files by which a process gets its own view of the file system: a script, which then becomes `"$@"`, and its tables of
 * mounts. The view is a root of its own into which the machine's directories are bound, its own /dev, the image with a layer
 * of its own above it, and the volumes in their places. Places that the machine does not have are made in layers over its
 * directories, so nothing is ever made on the machine.
 */
export function sandboxFiles(tools: SandboxTools, plan: SandboxPlan, script: string): Map<string, string> {
  const view = new View(tools, plan)
  view.bindRoot()
  view.makeDevices()
  const [directories, files] = [plan.mounts.filter((each) => !each.isFile), plan.mounts.filter((each) => each.isFile)]
  view.makePlaces(plan.mounts.map((mount) => mount.target))
  view.hide()
  for (const mount of directories) view.mount(mount, mount.target)
  view.keepAll()
  if (plan.imageRoot !== '/') {
    view.coverImage()
    for (const mount of directories) view.mount(mount, insideImage(plan.imageRoot, mount.target))
  }
  for (const mount of files) {
    view.mount(mount, mount.target)
    if (plan.imageRoot !== '/') view.mount(mount, insideImage(plan.imageRoot, mount.target))
  }
  return view.files(script)
}

class View {
  readonly #tools: SandboxTools
  readonly #plan: SandboxPlan
  readonly #root: string
  readonly #own: string
  readonly #lines: string[] = []
  readonly #overlays: string[] = []
  readonly #covered: string[] = []
  readonly #files = new Map<string, string>()
  #table: string[] = []

  constructor(tools: SandboxTools, plan: SandboxPlan) {
    this.#tools = tools
    this.#plan = plan
    this.#root = join(plan.dir, 'root')
    this.#own = join(this.#root, '.slipway')
  }

  /** The machine's top directories, as they are. */
  bindRoot(): void {
    const { mount, mkdir } = this.#tools
    const root = quoted(this.#root)
    this.#lines.push(`${mount} -t tmpfs -o mode=755 slipway ${root}`, `${mount} --make-unbindable ${root}`)
    const directories = [join(this.#own, 'old'), join(this.#root, 'dev')]
    for (const entry of readdirSync('/', { withFileTypes: true })) {
      if (entry.name === 'dev' || entry.name === 'lost+found' || entry.name === '.slipway') continue
      const [from, to] = [join('/', entry.name), join(this.#root, entry.name)]
      if (entry.isSymbolicLink()) this.#lines.push(`ln -s ${quoted(readlinkSync(from))} ${quoted(to)}`)
      else if (entry.isDirectory()) {
        directories.push(to)
        this.#add(from, to, 'none', 'rbind')
      }
    }
    const own = quoted(this.#own)
    // Layers are in a file system of their own: there are none in one that cannot be bound.
    const layers = [`${mkdir} ${own}`, `${mount} -t tmpfs -o mode=700 slipway ${own}`]
    this.#lines.splice(2, 0, ...layers, `${mkdir} -p ${directories.map(quoted).join(' ')}`)
  }

  makeDevices(): void {
    const dev = join(this.#root, 'dev')
    const known = readdirSync('/dev').filter((name) => DEVICES.includes(name) || name.startsWith('nvidia'))
    for (const name of known) {
      const [from, to] = [join('/dev', name), join(dev, name)]
      const stat = lstatSync(from)
      if (stat.isDirectory()) this.#add(from, to, 'none', 'rbind,X-mount.mkdir')
      else if (!stat.isSymbolicLink()) {
        this.#lines.push(`: >${quoted(to)}`)
        this.#add(from, to, 'none', 'bind')
      }
    }
    for (const [name, target] of Object.entries(DEVICE_LINKS)) {
      this.#lines.push(`ln -s ${target} ${quoted(join(dev, name))}`)
    }
    if (!known.includes('shm')) this.#add('slipway', join(dev, 'shm'), 'tmpfs', 'mode=1777,X-mount.mkdir')
    this.#flush()
  }

  /** Layers over those directories of the machine in which a place has to be made. */
  makePlaces(targets: readonly string[]): void {
    for (const target of targets) {
      if (target === '/') throw new SandboxError('a volume cannot be mounted at /')
      const place = realPlace(target)
      const parent = deepest(place)
      if (this.#plan.hidden.some((dir) => dir === place || isBelow(dir, place))) continue
      if (parent === place || parent === '/' || parent === '/dev' || parent.startsWith('/dev/')) continue
      if (targets.some((other) => other !== target && isBelow(realPlace(other), place))) continue
      if (this.#overlays.some((done) => done === parent || isBelow(done, parent))) continue
      this.#overlay(parent, join(this.#root, parent), null)
      this.#overlays.push(parent)
      this.#covered.push(parent)
      for (const inner of mountPoints(parent)) this.#add(inner, join(this.#root, inner), 'none', 'rbind')
    }
    this.#flush()
  }

  /** Volumes may still be mounted there. */
  hide(): void {
    for (const dir of this.#plan.hidden) this.#add('slipway', join(this.#root, dir), 'tmpfs', 'mode=755,X-mount.mkdir')
    this.#covered.push(...this.#plan.hidden)
    this.#flush()
  }

  mount(mount: Mount, target: string): void {
    const place = join(this.#root, target === mount.target ? realPlace(target) : target)
    this.#covered.push(target)
    const options = mount.readOnly ? 'bind,ro' : 'rbind'
    if (!mount.isFile) {
      this.#add(mount.source, place, 'none', `${options},X-mount.mkdir`)
      return
    }
    this.#makeFile(place)
    this.#add(mount.source, place, 'none', mount.readOnly ? 'bind,ro' : 'bind')
  }

  /** Places that something was mounted over are put back. */
  keepAll(): void {
    for (const place of this.#plan.places) {
      if (!this.#covered.some((covered) => covered === place || isBelow(covered, place))) continue
      const target = join(this.#root, place)
      const isFile = !statSync(place).isDirectory()
      if (isFile) this.#makeFile(target)
      this.#add(place, target, 'none', isFile ? 'bind' : 'rbind,X-mount.mkdir')
    }
    this.#flush()
  }

  /** What the container writes into its image is its own: the image is shared. */
  coverImage(): void {
    const { imageRoot, layer } = this.#plan
    this.#overlay(imageRoot, join(this.#root, imageRoot), layer)
    this.#flush()
  }

  /** The files of the view by path, its script first. */
  files(script: string): Map<string, string> {
    this.#flush()
    return new Map([[script, this.#script()], ...this.#files])
  }

  #script(): string {
    const { umount, pivotRoot } = this.#tools
    return [
      '#!/bin/sh',
      `exec 2>${quoted(join(this.#plan.dir, 'failure'))}`,
      'set -e',
      ...this.#lines,
      `cd ${quoted(this.#root)}`,
      `${pivotRoot} . .slipway/old`,
      'cd /',
      `${umount} -l /.slipway/old`,
      `: >${PID_NAMESPACE}`,
      `cd ${quoted(this.#plan.workingDir)}`,
      'exec 2>/dev/null',
      'exec "$@"',
      '',
    ].join('\n')
  }

  #overlay(lower: string, target: string, layer: SandboxPlan['layer']): void {
    const number = this.#overlays.length
    const upper = layer?.upper ?? join(this.#own, `upper${number}-${basename(lower)}`)
    const work = layer?.work ?? join(this.#own, `work${number}-${basename(lower)}`)
    if (layer === null) this.#lines.push(`${this.#tools.mkdir} -p ${quoted(upper)} ${quoted(work)}`)
    for (const path of [lower, upper, work]) {
      if (/[,:"\\]/.test(path)) throw new SandboxError(`no layer can be made over ${path}: its name holds , : " or \\`)
    }
    this.#add('overlay', target, 'overlay', `lowerdir=${lower},upperdir=${upper},workdir=${work},X-mount.mkdir`)
  }

  #add(source: string, target: string, type: string, options: string): void {
    this.#table.push(`${field(source)} ${field(target)} ${type} ${field(options)} 0 0`)
  }

  #makeFile(place: string): void {
    this.#flush()
    this.#lines.push(
      `[ -e ${quoted(place)} ] || { ${this.#tools.mkdir} -p ${quoted(dirname(place))}; : >${quoted(place)}; }`,
    )
  }

  /** One program makes many mounts: containers start often. */
  #flush(): void {
    if (this.#table.length === 0) return
    const text = this.#table.join('\n')
    this.#table = []
    const file = join(this.#plan.dir, `mounts-${this.#files.size}`)
    this.#files.set(file, `${text}\n`)
    this.#lines.push(`${this.#tools.mount} -a -T ${quoted(file)}`)
  }
}

/** A field of an fstab line. Reference: fstab(5). */
function field(text: string): string {
  if (/[\n\r]/.test(text)) throw new SandboxError('a path holds a line break')
  return text.replace(/[\\ \t#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

const isBelow = (outer: string, inner: string) => inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`)

/** The deepest directory on the way to a path that the machine has; the path itself where it is there. */
function deepest(path: string): string {
  let current = path
  while (lstatSync(current, { throwIfNoEntry: false }) === undefined) current = dirname(current)
  return current
}

/** The path with the machine's links followed, as far as it exists. */
function realPlace(path: string): string {
  const parent = deepest(path)
  return join(realpathSync(parent), path.slice(parent === '/' ? 0 : parent.length))
}

/**
 * What is mounted below a directory of the machine, outermost first. What container engines mount there comes and goes, and
 * is nobody else's: namespaces, and the layers of their containers.
 */
function mountPoints(dir: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => !/ - (?:nsfs|overlay) /.test(line))
    .map((line) =>
      line.split(' ')[4]?.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
    )
    .filter((point): point is string => point !== undefined && isBelow(dir, point))
  return [...new Set(points)].filter((point) => !points.some((other) => isBelow(other, point)))
}
