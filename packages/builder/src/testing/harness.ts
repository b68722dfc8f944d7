import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildSettingsSchema } from '@slipway/domain'
import { freePort } from '../../../../apps/launcher/src/ports.ts'
import { createImageStore, type StoredImage } from '../../../local-cluster/src/registry/images/index.ts'
import { createRegistry } from '../../../local-cluster/src/registry/index.ts'
import { toolEnvironment } from '../env.ts'
import { BuildFailure, type BuiltImage, buildImage, createBuildLog } from '../index.ts'

/** A folder to copy, or files by name. */
export type Source = string | Record<string, string | Uint8Array>

export interface BuildTestOptions {
  settings?: object
  vars?: Record<string, string>
  signal?: AbortSignal
  /** Builds with the same name share their cache. */
  cache?: string
  env?: Record<string, string>
}

/** Builds real trees into a real registry and runs what they give, as the local cluster does. */
export interface Harness {
  build(source: Source, options?: BuildTestOptions): Promise<{ built: BuiltImage; lines: string[]; image: StoredImage }>
  /** Message and action of a build that must fail, and its log. */
  failure(source: Source, options?: BuildTestOptions): Promise<{ said: string; lines: string[] }>
  /** Starts a process of an image; answers its address once it listens. */
  start(image: StoredImage, command?: string[], env?: Record<string, string>): Promise<string>
  /** Names in a folder of an image. */
  list(image: StoredImage, folder: string): Promise<string[]>
  dir: string
  close(): Promise<void>
}

function portOf(listening: Server): number {
  const address = listening.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return portOf(server)
}

async function place(source: Source, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  if (typeof source === 'string') return cp(source, target, { recursive: true, verbatimSymlinks: true })
  for (const [name, content] of Object.entries(source)) {
    await mkdir(path.dirname(path.join(target, name)), { recursive: true })
    await writeFile(path.join(target, name), content)
  }
}

export async function createHarness(): Promise<Harness> {
  const dir = await mkdtemp(path.join(tmpdir(), 'builder-'))
  const registry = await createRegistry({ dir: path.join(dir, 'registry') })
  const images = await createImageStore({ dir: path.join(dir, 'images'), registry, hosts: ['registry.test'] })
  const server = createServer((request, response) => void registry.handle(request, response))
  const registryUrl = `http://127.0.0.1:${await listen(server)}`
  const children: ChildProcess[] = []
  let count = 0

  async function run(source: Source, options: BuildTestOptions, lines: string[]): Promise<BuiltImage> {
    const own = `own-${++count}`
    const sourceDir = path.join(dir, own)
    await place(source, sourceDir)
    return buildImage({
      sourceDir,
      cacheDir: path.join(dir, 'cache', options.cache ?? own),
      registryUrl,
      repository: 'acme/app',
      imagePrefix: 'registry.test',
      env: { ...toolEnvironment(process.env), ...options.env },
      settings: buildSettingsSchema.parse(options.settings ?? {}),
      vars: options.vars,
      signal: options.signal ?? new AbortController().signal,
      log: createBuildLog((line) => lines.push(line)),
    })
  }

  return {
    dir,
    async build(source, options = {}) {
      const lines: string[] = []
      try {
        const built = await run(source, options, lines)
        return { built, lines, image: await images.pull(built.image, new AbortController().signal) }
      } catch (error) {
        if (error instanceof BuildFailure) error.message += `\n${lines.slice(-60).join('\n')}`
        throw error
      }
    },
    async failure(source, options = {}) {
      const lines: string[] = []
      const error = await run(source, options, lines).catch((reason: unknown) => reason)
      if (!(error instanceof BuildFailure))
        throw error instanceof Error ? error : new Error(`it was built:\n${lines.join('\n')}`)
      return { said: `${error.message} ${error.action}`, lines }
    },
    list: (image, folder) => readdir(path.join(image.rootDir, folder)),
    async start(image, command = image.config.Cmd ?? [], env = {}) {
      const port = await freePort()
      const output: string[] = []
      const child = spawnIn(image, command, { ...env, PORT: String(port) })
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(String(chunk)))
      children.push(child)
      const url = `http://127.0.0.1:${port}`
      for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
        const answers = await fetch(url).then(
          () => true,
          () => false,
        )
        if (answers) return url
        if (child.exitCode !== null) break
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      throw new Error(`nothing listens on ${url}: ${command.join(' ')}\n${output.join('')}`)
    },
    async close() {
      for (const child of children)
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
      server.close()
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Below the unpacked image, with the image's PATH before the host's. */
function spawnIn(image: StoredImage, command: readonly string[], env: Record<string, string>): ChildProcess {
  const imageEnv = Object.fromEntries((image.config.Env ?? []).map((entry) => entry.split(/=(.*)/s).slice(0, 2)))
  const imagePath = String(imageEnv.PATH ?? '')
    .split(':')
    .filter(Boolean)
    .map((each) => path.join(image.rootDir, each))
  const [program = '', ...args] = command
  return spawn(program, args, {
    cwd: path.join(image.rootDir, image.config.WorkingDir ?? '/'),
    env: {
      ...imageEnv,
      PATH: [...imagePath, process.env.PATH].join(':'),
      HOME: image.rootDir,
      ...env,
    } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}
