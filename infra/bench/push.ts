import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { freePort } from '../../apps/launcher/src/ports.ts'
import { createRepository } from '../../e2e/support/git.ts'
import { type Deployed, REGISTRY_ACCOUNT, untilAnswers } from './deployed.ts'
import { dockerfileBuild } from './dockerfile.ts'
import { type ImageSize, newBytes, pullSize, pullToken } from './image-size.ts'
import { leftover } from './leftovers.ts'
import { end, run } from './programs.ts'
import type { Row, Unit } from './row.ts'

const RUNS = 3

/**
 * Push until it is deployed and answers 200: once with empty package caches, then new versions of the same app; and what its
 * images weigh. By hand each clone has no node_modules; npm's cache is as empty or full as the app's. docs/pushing.md says so.
 */
export async function benchPush(deployed: Deployed, note: (text: string) => void): Promise<Row[]> {
  const byHand = await deployByHand()
  const dockerfile = await dockerfileBuild(note)
  if (dockerfile === null) note('no comparison with a Dockerfile: it needs buildah, and root')
  try {
    const firstBase = await byHand.push()
    const images: Images = { ours: [await imageOf(deployed, 1)], theirs: [] }
    images.theirs.push(...asList(await dockerfile?.build(1)))
    const samples: number[] = []
    const base: number[] = []
    for (let index = 1; index <= RUNS; index += 1) {
      note(`push ${index} of ${RUNS}`)
      samples.push(await deployed.push())
      base.push(await byHand.push())
      images.ours.push(await imageOf(deployed, index + 1))
      images.theirs.push(...asList(await dockerfile?.build(index + 1)))
    }
    const by = 'by hand: git push to a bare file repository, clone, npm install, node, first 200'
    return [
      {
        what: 'push → deployed and 200, first push',
        unit: 'ms',
        samples: [deployed.firstPushMs],
        baseline: `${by}; npm’s cache empty`,
        baselineSamples: [firstBase],
      },
      {
        what: 'push → deployed and 200, new version',
        unit: 'ms',
        samples,
        baseline: `${by}; npm’s cache full`,
        baselineSamples: base,
      },
      ...imageRows(images),
    ]
  } finally {
    await dockerfile?.remove()
    await byHand.remove()
  }
}

interface Built {
  tookMs: number
  image: ImageSize
}
/** First build first. */
interface Images {
  ours: Built[]
  theirs: Built[]
}

const asList = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value])
const kib = (bytes: number) => bytes / 1024
const later = <T>(builds: readonly T[]) => builds.slice(1)

function imageRows({ ours, theirs }: Images): Row[] {
  const took = (builds: readonly Built[]) => builds.map(({ tookMs }) => tookMs)
  const sent = (builds: readonly Built[]) =>
    later(builds).map(({ image }, index) => kib(newBytes(image, builds[index]?.image ?? image)))
  const row = (what: string, unit: Unit, value: (builds: readonly Built[]) => number[]): Row => ({
    what,
    unit,
    samples: value(ours),
    baseline: 'buildah: the same app by a Dockerfile, layers cached, base apart',
    baselineSamples: value(theirs),
  })
  return [
    row('build to image in the registry, first', 'ms', (builds) => took(builds.slice(0, 1))),
    row('build to image in the registry, new version', 'ms', (builds) => took(later(builds))),
    row('size of the image, compressed', 'KiB', (builds) => builds.map(({ image }) => kib(image.layersBytes))),
    row('bytes that a new version sends', 'KiB', sent),
  ]
}

const portsSchema = z.object({ clusterApi: z.number() })

/** The image that a build of the app made, and how long its Job took. */
async function imageOf({ installation, api, ref }: Deployed, number: number): Promise<Built> {
  const build = await api.build.get.query({ ...ref, build: number })
  const release = await api.release.get.query({ ...ref, release: build.release ?? Number.NaN })
  const [, repository = '', digest = ''] = /^[^/]+\/(.+)@(sha256:\w+)$/.exec(release.image) ?? []
  const token = await pullToken(installation.url, REGISTRY_ACCOUNT, repository)
  const { clusterApi } = portsSchema.parse(
    JSON.parse(await readFile(path.join(installation.stateDir, 'ports.json'), 'utf8')),
  )
  return {
    tookMs: Date.parse(build.finishedAt ?? '') - Date.parse(build.startedAt ?? ''),
    image: await pullSize(`http://127.0.0.1:${clusterApi}`, repository, digest, token),
  }
}

/** What one would do without a platform: the same tree, the same npm, a package cache of its own. */
async function deployByHand(): Promise<{ push(): Promise<number>; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'slipway-bench-hand-'))
  const repository = await createRepository(path.join(import.meta.dirname, 'app'))
  const bare = path.join(dir, 'app.git')
  await run('git', ['init', '--quiet', '--bare', '-b', 'main', bare])
  let version = 0
  let serving: ChildProcess | undefined
  return {
    async push() {
      version += 1
      repository.write({ 'version.txt': `${version}\n` })
      await repository.commit(`Version ${version}`)
      const port = await freePort()
      const work = path.join(dir, `v${version}`)
      const startedAt = performance.now()
      const pushed = await repository.push(bare)
      if (pushed.code !== 0) throw new Error(pushed.output)
      await run('git', ['clone', '--quiet', bare, work])
      await run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', `--cache=${path.join(dir, 'cache')}`], {
        cwd: work,
      })
      const next = spawn(process.execPath, ['server.js'], {
        cwd: work,
        env: { ...process.env, PORT: String(port) },
        stdio: 'ignore',
      })
      const previous = serving
      serving = next
      await untilAnswers(`http://127.0.0.1:${port}/`, `version ${version}`)
      const tookMs = performance.now() - startedAt
      if (previous) await end(previous)
      return tookMs
    },
    remove: leftover(async () => {
      if (serving) await end(serving)
      repository.remove()
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    }),
  }
}
