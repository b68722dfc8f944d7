import { statSync } from 'node:fs'
import { isAbsolute, join, resolve, sep } from 'node:path'
import type { Container } from '../../types/container.ts'
import { isExecutable } from '../../types/programs.ts'
import type { RunnableImage } from '../options.ts'
import type { Mount } from '../volumes/mounts.ts'
import { expand } from './expand.ts'

/** The container's program cannot be run: StartError, in runc's words. */
export class ContainerStartError extends Error {
  override name = 'ContainerStartError'
  readonly exitCode: number
  constructor(why: string, exitCode = 128) {
    super(
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${why}`,
    )
    this.exitCode = exitCode
  }
}

export interface Command {
  /** Absolute path on this machine. */
  program: string
  args: string[]
  workingDir: string
}

/** A path of the image as a path of this machine. Never leads out of the image's directory. */
export function insideImage(rootDir: string, path: string): string {
  const target = resolve(rootDir, join('.', resolve('/', path)))
  if (target !== rootDir && !target.startsWith(rootDir.endsWith(sep) ? rootDir : rootDir + sep)) return rootDir
  return target
}

/** `PATH` of a container: directories of the image that exist, then the host's. */
export function searchPath(image: RunnableImage, imagePath: string | undefined, hostPath: string): string {
  const own = (imagePath ?? '').split(':').filter((entry) => isAbsolute(entry))
  const existing = own.map((entry) => insideImage(image.rootDir, entry)).filter((entry) => isDirectory(entry))
  return image.rootDir === '/' ? hostPath : [...new Set([...existing, ...hostPath.split(':')])].join(':')
}

/**
 * What to run: the container's command and arguments, with the image's entrypoint and command where it names none.
 * Throws {@link ContainerStartError}.
 */
export function containerCommand(
  container: Container,
  image: RunnableImage,
  env: Readonly<Record<string, string>>,
  path: string,
  view: { mounts: readonly Mount[]; sandboxed: boolean },
): Command {
  const { Entrypoint, Cmd, WorkingDir } = image.config
  const command = container.command?.length ? container.command : (Entrypoint ?? [])
  // The image's arguments belong to its own entrypoint alone.
  const given = container.args?.length ? container.args : container.command?.length ? [] : (Cmd ?? [])
  const [program, ...args] = [...command, ...given].map((part) => expand(part, env))
  if (program === undefined) throw new ContainerStartError('no command specified')
  const workingDir = insideImage(image.rootDir, container.workingDir ?? (WorkingDir || '/'))
  return { program: findProgram(program, image, workingDir, path, view), args, workingDir }
}

function findProgram(
  program: string,
  image: RunnableImage,
  workingDir: string,
  path: string,
  view: { mounts: readonly Mount[]; sandboxed: boolean },
): string {
  const mounted = isAbsolute(program) ? inVolume(program, view.mounts) : null
  if (mounted !== null && isExecutable(mounted)) return view.sandboxed ? program : mounted
  if (!program.includes('/')) {
    const found = path.split(':').find((entry) => entry !== '' && isExecutable(join(entry, program)))
    if (found === undefined) throw new ContainerStartError(`exec: "${program}": executable file not found in $PATH`)
    return join(found, program)
  }
  const candidates = isAbsolute(program) ? [insideImage(image.rootDir, program), program] : [join(workingDir, program)]
  const present = candidates.find((candidate) => exists(candidate))
  if (present === undefined)
    throw new ContainerStartError(`exec: "${program}": stat ${program}: no such file or directory`)
  if (isDirectory(present)) throw new ContainerStartError(`exec: "${program}": is a directory`)
  if (!isExecutable(present)) throw new ContainerStartError(`exec: "${program}": permission denied`)
  return present
}

/** Where a path of the container is on this machine when it belongs to a volume. */
function inVolume(path: string, mounts: readonly Mount[]): string | null {
  const found = mounts.findLast(({ target }) => path === target || path.startsWith(`${target}/`))
  return found === undefined ? null : join(found.source, path.slice(found.target.length))
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
