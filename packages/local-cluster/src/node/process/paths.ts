import { join } from 'node:path'

/** The shim's script. */
export const SHIM = join(import.meta.dirname, 'shim.sh')

/** Files of one attempt at running a container; `shim.sh` says what they hold. */
export const processFiles = (dir: string) => ({
  stdout: join(dir, 'stdout'),
  stderr: join(dir, 'stderr'),
  done: join(dir, 'done'),
  control: join(dir, 'control'),
  stdin: join(dir, 'stdin'),
  stdinHolder: join(dir, 'stdin-holder'),
  pid: join(dir, 'pid'),
  exit: join(dir, 'exit'),
  /** What the node noted about the attempt before it started it. */
  meta: join(dir, 'container.json'),
  /** The content becomes the container's termination message. */
  terminationLog: join(dir, 'termination-log'),
})
