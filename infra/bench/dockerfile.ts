import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { type ImageSize, manifestSchema, sizeOf } from './image-size.ts'
import { leftover } from './leftovers.ts'
import { run } from './programs.ts'

/** The same app as a Dockerfile, built by buildah with its layer cache. */
export interface DockerfileBuild {
  /** Builds a version and writes its image; resolves to the time of both and to the image without its base. */
  build(version: number): Promise<{ tookMs: number; image: ImageSize }>
  remove(): Promise<void>
}

const DOCKERFILE = `FROM localhost/base
WORKDIR /app
COPY package.json ./
RUN ["/bin/node", "/usr/lib/npm/bin/npm-cli.js", "install", "--omit=dev", "--no-audit", "--no-fund"]
COPY . .
CMD ["node", "server.js"]
`
const BASE_DOCKERFILE = `FROM scratch
COPY . /
ENV PATH=/bin HOME=/tmp NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
`
const BASE_LAYERS = 1

const indexSchema = z.object({
  manifests: z.array(z.object({ digest: z.string(), size: z.number(), annotations: z.record(z.string(), z.string()) })),
})

/** Prepares a base of this machine's Node. Null where buildah is not installed or may not build here. */
export async function dockerfileBuild(note: (text: string) => void): Promise<DockerfileBuild | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !isInstalled('buildah')) return null
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-buildah-'))
  const options = ['--root', path.join(dir, 'storage'), '--runroot', path.join(dir, 'run')]
  const buildah = (...args: string[]) => run('buildah', [...options, ...args], { cwd: dir })
  const remove = leftover(async () => {
    await buildah('rmi', '--all', '--force').catch(() => undefined) // Unmounts what a build left; the directory goes next.
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })
  const app = path.join(dir, 'app')
  try {
    note('a base image for buildah')
    await writeBase(path.join(dir, 'base'))
    await writeFile(path.join(dir, 'Dockerfile.base'), BASE_DOCKERFILE)
    await buildah('bud', '--quiet', '-f', 'Dockerfile.base', '-t', 'base', 'base')
    await cp(path.join(import.meta.dirname, 'app'), app, { recursive: true })
    await writeFile(path.join(dir, 'Dockerfile'), DOCKERFILE)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    async build(version) {
      await writeFile(path.join(app, 'version.txt'), `${version}\n`)
      const startedAt = performance.now()
      const how = ['--quiet', '--layers', '--isolation', 'chroot', '--network', 'host']
      await buildah('bud', ...how, '-f', 'Dockerfile', '-t', 'app', 'app')
      await buildah('push', '--quiet', 'app', `oci:${path.join(dir, 'out')}:v${version}`)
      return { tookMs: performance.now() - startedAt, image: await imageOf(path.join(dir, 'out'), `v${version}`) }
    },
    remove,
  }
}

function isInstalled(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Node with the libraries it is linked to, npm and the certificates: no distribution, so nothing is downloaded. */
async function writeBase(dir: string): Promise<void> {
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? []
  // Where the program is: its global prefix is that of the Node before it on PATH, which may have no npm of its own.
  const npm = path.resolve(await realpath(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim()), '../..')
  const copies: [from: string, to: string][] = [
    [process.execPath, '/bin/node'],
    [npm, '/usr/lib/npm'],
    ['/etc/ssl/certs/ca-certificates.crt', '/etc/ssl/certs/ca-certificates.crt'],
    ...libraries.map((file): [string, string] => [file, file]),
  ]
  await mkdir(path.join(dir, 'tmp'), { recursive: true })
  for (const [from, to] of copies) await cp(from, path.join(dir, to), { recursive: true, dereference: true })
}

async function imageOf(layout: string, tag: string): Promise<ImageSize> {
  const index = indexSchema.parse(JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')))
  const found = index.manifests.find(({ annotations }) => annotations['org.opencontainers.image.ref.name'] === tag)
  if (!found) throw new Error(`buildah wrote no image ${tag}`)
  const blob = path.join(layout, 'blobs', found.digest.replace(':', '/'))
  const manifest = manifestSchema.parse(JSON.parse(await readFile(blob, 'utf8')))
  return sizeOf({ ...manifest, layers: manifest.layers.slice(BASE_LAYERS) }, found)
}
