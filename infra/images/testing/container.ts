import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ImageConfig, ImageStore } from './buildah.ts'

export interface ContainerOptions {
  env?: Record<string, string>
  /** In place of the image's command; the entry point stays. */
  command?: string[]
  /** Folders and files of this machine, by their path inside; writable where the owner is the container's user. */
  volumes?: Record<string, string>
}

export interface Container {
  output(): string
  /** Runs a program beside the container's own; resolves with its exit code and what it printed. */
  exec(command: string[]): { code: number | null; output: string }
  exited: Promise<number | null>
  /** SIGTERM, and SIGKILL 20 s later. */
  stop(): Promise<number | null>
}

const mountOf = (destination: string, type: string, ...options: string[]) => ({
  destination,
  type,
  source: type,
  options: ['nosuid', 'noexec', ...options],
})

/** As `restricted` pods run: the image's user, a read-only root, no capabilities. Network of this machine. */
function specOf(config: ImageConfig, rootfs: string, options: ContainerOptions) {
  const [uid = Number.NaN, gid = uid] = config.User.split(':').map(Number)
  if (!Number.isInteger(uid))
    throw new Error(`the user ${config.User} is no number, so no cluster knows that it is not root`)
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`)
  const volumes = Object.entries(options.volumes ?? {}).map(([destination, source]) => ({
    destination,
    source,
    type: 'bind',
    options: ['bind', 'rw'],
  }))
  return {
    ociVersion: '1.0.2',
    root: { path: rootfs, readonly: true },
    process: {
      user: { uid, gid },
      args: [...config.Entrypoint, ...(options.command ?? config.Cmd)],
      env: [...config.Env, ...env],
      cwd: config.WorkingDir,
      noNewPrivileges: true,
      capabilities: {},
    },
    mounts: [
      mountOf('/proc', 'proc'),
      mountOf('/dev', 'tmpfs', 'mode=755', 'size=65536k'),
      mountOf('/dev/shm', 'tmpfs', 'mode=1777'),
      mountOf('/tmp', 'tmpfs', 'mode=1777'),
      ...['/etc/hosts', '/etc/resolv.conf'].map((file) => ({
        destination: file,
        source: file,
        type: 'bind',
        options: ['bind', 'ro'],
      })),
      ...volumes,
    ],
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  }
}

/** Runs an image with runc, in a bundle below `folder`. */
export async function runImage(
  store: ImageStore,
  folder: string,
  image: string,
  options: ContainerOptions = {},
): Promise<Container> {
  const id = `slipway-test-${randomUUID().slice(0, 8)}`
  const bundle = path.join(folder, id)
  mkdirSync(bundle, { recursive: true })
  const spec = specOf(await store.config(image), await store.mount(image), options)
  writeFileSync(path.join(bundle, 'config.json'), JSON.stringify(spec))
  const runc = ['--root', path.join(folder, 'runc')]
  const child: ChildProcess = spawn('runc', [...runc, 'run', '--bundle', bundle, id], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-50_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null)
  return {
    output: () => output,
    exec(command) {
      const done = spawnSync('runc', [...runc, 'exec', id, ...command], { encoding: 'utf8' })
      return { code: done.status, output: `${done.stdout}${done.stderr}` }
    },
    exited,
    async stop() {
      spawnSync('runc', [...runc, 'kill', id, 'TERM'])
      const force = setTimeout(() => spawnSync('runc', [...runc, 'kill', '--all', id, 'KILL']), 20_000)
      const code = await exited
      clearTimeout(force)
      return code
    },
  }
}
