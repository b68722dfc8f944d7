import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildSettingsSchema } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Job } from '../../local-cluster/src/controllers/job-objects.ts'
import { startTestCluster, type TestCluster } from '../../local-cluster/src/node/testing/cluster.ts'
import { isAlreadyExists } from '../../local-cluster/src/types/errors.ts'
import type { Pod } from '../../local-cluster/src/types/pod.ts'
import { Jobs, Pods } from '../../local-cluster/src/types/resources.ts'
import {
  type BuildToRender,
  buildJobName,
  buildNamespaceOf,
  type KubeObject,
  renderBuildJob,
} from '../../manifests/src/index.ts'
import { hasProgram } from './testing/docker-registry.ts'
import { startEmbeddedRegistry, type TestRegistry } from './testing/registries.ts'

const SECRET = 'sk_live_51Hc0ffee'
const TOKEN = 'token-of-the-build'
/** Only what hangs may fail. */
const LIMIT_MS = 170_000
vi.setConfig({ testTimeout: LIMIT_MS + 10_000 })

let dir: string
let registry: TestRegistry
let sources: Server
let sourceUrl: string
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-job-'))
  registry = await startEmbeddedRegistry(dir)
  sources = createServer((request, response) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return response.writeHead(401).end()
    const script = [
      'mkdir source && cd source',
      'printf "web: cat greeting" > Procfile && echo hello > greeting',
      'cp /bin/busybox . 2>/dev/null; printf \'%s\\n\' "$DOCKERFILE" > Dockerfile',
      'tar -cz -C .. -f - source --transform "s,^source,.,"',
    ].join(' && ')
    const cwd = mkdtempSync(path.join(dir, 'source-'))
    const options = { cwd, env: { ...process.env, DOCKERFILE }, maxBuffer: 64 * 1024 ** 2 }
    response.end(execFileSync('sh', ['-c', script], options))
  })
  await new Promise<void>((resolve) => sources.listen(0, '127.0.0.1', resolve))
  const address = sources.address()
  sourceUrl = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/source`
})
afterAll(async () => {
  sources.close()
  await registry.stop()
  rmSync(dir, { recursive: true, force: true })
})

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN --mount=type=secret,id=STRIPE_KEY ["/bin/busybox", "test", "-s", "/run/secrets/STRIPE_KEY"]
CMD ["/bin/busybox"]`

const build = (strategy: BuildToRender['strategy'], app: string): BuildToRender => ({
  team: 'acme',
  project: 'shop',
  environment: 'production',
  app,
  build: 1,
  buildId: 'cm4build1',
  installation: null,
  strategy,
  clusterKind: 'local',
  platformNamespace: null,
  egress: { allow: [], deny: [] },
  reach: [],
  builderImage: 'slipway.internal/builder',
  sourceUrl,
  sourceToken: TOKEN,
  settings: buildSettingsSchema.parse({ buildVars: ['STRIPE_KEY'] }),
  processes: {},
  vars: { STRIPE_KEY: SECRET },
  commit: 'abc123',
  branch: 'main',
  baseImages: {},
  registryPushUrl: registry.origin,
  imagePrefix: 'registry.slipway.internal',
  registryConfig: '{"auths":{}}',
  cacheKey: app,
  timeoutSeconds: LIMIT_MS / 1000,
  requests: { cpuMillis: 100, memoryMiB: 128 },
  limits: { cpuMillis: 4000, memoryMiB: 2048 },
})

const canBuildDockerfiles = ['buildah', 'busybox'].every(hasProgram) && process.getuid?.() === 0

describe.each(['auto', 'none'] as const)('the Job of a build, on a local cluster with sandbox "%s"', (sandbox) => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startTestCluster({ sandbox, hostPath: process.env.PATH ?? '' })
  })
  afterAll(() => cluster.stop({ stopPods: true }))

  /** Namespaces and their policies are shared by builds. */
  const create = (object: KubeObject) =>
    cluster.api.create(object).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })

  async function outcomeOf(toRender: BuildToRender) {
    for (const object of renderBuildJob(toRender)) await create(object)
    const namespace = buildNamespaceOf(toRender.strategy, toRender)
    const name = buildJobName(toRender)
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; ) {
      const job = await cluster.api.get<Job>(Jobs, { namespace, name })
      const end = job?.status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed')
      const { items } = await cluster.api.list<Pod>(Pods, { namespace })
      const pod = items.find(({ metadata }) => metadata.labels?.['job-name'] === name)
      if (end !== undefined) {
        const message = pod?.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '{}'
        return { end: end.type, message: JSON.parse(message) }
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    throw new Error(`it has no end: ${cluster.errors.join('; ')}`)
  }

  it('builds natively and leaves the image as its last words', async () => {
    const { end, message } = await outcomeOf(build('native', `native-${sandbox}`))
    expect(message).toEqual({
      image: expect.stringMatching(
        new RegExp(`^registry\\.slipway\\.internal/acme/shop-native-${sandbox}@sha256:[a-f0-9]{64}$`),
      ),
      processes: [{ name: 'web', kind: 'web', command: ['sh', '-c', 'cat greeting'] }],
    })
    expect(end).toBe('Complete')
  })

  it.skipIf(!canBuildDockerfiles)('builds a Dockerfile with the secret in its file', async () => {
    const { end, message } = await outcomeOf(build('dockerfile', `dockerfile-${sandbox}`))
    expect(message.processes, JSON.stringify(message)).toEqual([
      { name: 'web', kind: 'web', command: ['sh', '-c', 'cat greeting'] },
    ])
    expect(end).toBe('Complete')
  })

  it('is not tried again when the build fails by itself', async () => {
    const { end, message } = await outcomeOf(build('buildpacks', `buildpacks-${sandbox}`))
    expect(message.failure).toBe('This app needs buildpacks, and they are not installed where this build runs.')
    expect(end).toBe('Failed')
  })
})
