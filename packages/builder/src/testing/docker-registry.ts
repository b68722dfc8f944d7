import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { freePort } from '../../../../apps/launcher/src/ports.ts'

/** A real registry (Debian's docker-registry) on loopback. */
export interface DockerRegistry {
  origin: string
  host: string
  stop(): Promise<void>
}

export interface DockerRegistryOptions {
  /** Where it keeps its blobs and its configuration. */
  dir: string
  /** `user` with `slipway-password`. */
  hasPassword?: boolean
  token?: { realm: string; service: string; issuer: string; certificateFile: string }
  tls?: { certificateFile: string; keyFile: string }
}

/** "slipway-password" by bcrypt, as htpasswd -B writes it. */
const HTPASSWD = 'user:$2b$04$btka48LabQ6na1jDiofc9u6CpKpcaIv13NyqGA0GvHrYam.fD/mqW\n'
export const REGISTRY_PASSWORD = 'slipway-password'

/** True where the program is installed. CI installs it, so a test that lacks it fails there. */
export function hasProgram(name: string): boolean {
  if (process.env.CI) return true
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0
}

export async function startDockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  mkdirSync(options.dir, { recursive: true })
  const config = path.join(options.dir, 'config.yml')
  writeFileSync(path.join(options.dir, 'htpasswd'), HTPASSWD)
  writeFileSync(config, configuration(options, host))
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' })
  const origin = `http${options.tls ? 's' : ''}://${host}`
  await isListening(child, port)
  return { origin, host, stop: () => ended(child) }
}

function configuration({ dir, hasPassword, token, tls }: DockerRegistryOptions, host: string): string {
  return JSON.stringify({
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: path.join(dir, 'data') }, delete: { enabled: true } },
    http: { addr: host, ...(tls ? { tls: { certificate: tls.certificateFile, key: tls.keyFile } } : {}) },
    ...(hasPassword ? { auth: { htpasswd: { realm: 'slipway', path: path.join(dir, 'htpasswd') } } } : {}),
    ...(token
      ? { auth: { token: { ...token, certificateFile: undefined, rootcertbundle: token.certificateFile } } }
      : {}),
  })
}

async function isListening(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline && child.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error('docker-registry does not start')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
