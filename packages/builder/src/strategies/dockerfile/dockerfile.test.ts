import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildSettingsSchema } from '@slipway/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toolEnvironment } from '../../env.ts'
import { BuildFailure } from '../../failure.ts'
import { inspectImage } from '../../image/inspect.ts'
import { createBuildLog } from '../../log.ts'
import { NO_CREDENTIALS } from '../../registry/credentials.ts'
import { type DockerRegistry, hasProgram, startDockerRegistry } from '../../testing/docker-registry.ts'
import { unpackImage } from '../../testing/unpack-image.ts'
import type { StrategyContext } from '../strategy.ts'
import { buildDockerfile } from './index.ts'

const SECRET = 'sk_live_51Hc0ffee'
const PUBLIC = 'https://api.example.com'
const signal = new AbortController().signal
let dir: string
let registry: DockerRegistry

const canBuild = ['buildah', 'docker-registry', 'busybox'].every(hasProgram) && process.getuid?.() === 0

/** Busybox as the only program of a base: there is nothing to pull from here. */
const BASE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
ENV PATH=/bin
`

describe.skipIf(!canBuild)('a Dockerfile, built with buildah', () => {
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'slipway-dockerfile-'))
    registry = await startDockerRegistry({ dir: path.join(dir, 'registry') })
  })
  afterAll(async () => {
    await registry.stop()
    await rm(dir, { recursive: true, force: true })
  })

  let count = 0
  async function build(
    files: Record<string, string>,
    more: { settings?: object; vars?: Record<string, string>; signal?: AbortSignal } = {},
  ) {
    const own = path.join(dir, `build-${++count}`)
    const [sourceDir, scratchDir, varsDir] = ['source', 'scratch', 'vars'].map((name) => path.join(own, name))
    const settings = buildSettingsSchema.parse(more.settings ?? {})
    for (const each of [sourceDir, scratchDir, varsDir]) mkdirSync(each ?? '', { recursive: true })
    const root = path.join(sourceDir ?? '', settings.rootDirectory)
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(sourceDir ?? '', name)), { recursive: true })
      await writeFile(path.join(sourceDir ?? '', name), text)
    }
    copyFileSync('/bin/busybox', path.join(root, 'busybox'))
    chmodSync(path.join(root, 'busybox'), 0o755)
    const vars = more.vars ?? {}
    for (const [name, value] of Object.entries(vars)) await writeFile(path.join(varsDir ?? '', name), value)
    const lines: string[] = []
    const context: StrategyContext = {
      sourceDir: sourceDir ?? '',
      scratchDir: scratchDir ?? '',
      cacheDir: path.join(dir, 'cache'),
      settings,
      processesFile: {},
      target: {
        origin: registry.origin,
        prefixHost: 'registry.test',
        credentials: NO_CREDENTIALS,
        signal,
        repository: 'acme/shop-web',
        tag: `production-b${count}`,
      },
      identity: { app: 'acme/shop/production/web', number: String(count), commit: 'abc123' },
      env: toolEnvironment(process.env),
      vars,
      varsDir: Object.keys(vars).length === 0 ? null : (varsDir ?? ''),
      facts: { SOURCE_VERSION: 'abc123', SOURCE_BRANCH: 'main' },
      dockerConfig: null,
      signal: more.signal ?? signal,
      log: createBuildLog((line) => lines.push(line)),
    }
    const result = await buildDockerfile(context).catch((error: unknown) => error)
    if (result instanceof BuildFailure) return { failure: result, lines, context, result: null }
    if (result instanceof Error) throw result
    return { failure: null, lines, context, result: result as Awaited<ReturnType<typeof buildDockerfile>> }
  }

  it('is an image that holds no secret in any layer or in its configuration', async () => {
    const { result, lines, context, failure } = await build(
      {
        Dockerfile: `${BASE}ARG SOURCE_VERSION
ARG STRIPE_KEY
ARG API
WORKDIR /app
COPY . .
RUN --mount=type=secret,id=STRIPE_KEY test "$(cat /run/secrets/STRIPE_KEY)" = ${SECRET.slice(0, 4)}_51Hc0ffee || test -s /run/secrets/STRIPE_KEY
RUN echo "api $API commit $SOURCE_VERSION" > built.txt && rm busybox
EXPOSE 3000
CMD ["/bin/httpd", "-f"]
`,
        '.dockerignore': 'ignored.txt\n*.secret\n',
        'ignored.txt': SECRET,
        'app.secret': SECRET,
        'index.html': 'hello',
      },
      { vars: { STRIPE_KEY: SECRET }, settings: { buildArgs: { API: PUBLIC } } },
    )
    expect(failure, lines.join('\n')).toBeNull()
    if (result === null) return
    expect(result.processes).toEqual([{ name: 'web', kind: 'web', command: null }])
    const image = await unpackImage(context.target, 'acme/shop-web', result.digest)
    expect(image.config).not.toContain(SECRET)
    for (const { name, content } of image.files) {
      expect(content.includes(SECRET), name).toBe(false)
      expect(name).not.toMatch(/ignored\.txt|app\.secret|STRIPE_KEY$/)
    }
    const built = image.files.find(({ name }) => name.endsWith('app/built.txt'))
    expect(built?.content.toString()).toBe(`api ${PUBLIC} commit abc123\n`)
    const { config } = await inspectImage(context.target, 'acme/shop-web', result.digest)
    expect(config?.Labels).toMatchObject({
      'org.opencontainers.image.revision': 'abc123',
      'dev.slipway.app': 'acme/shop/production/web',
    })
    expect(config?.Labels).not.toHaveProperty('dev.slipway.runtime')
    const text = lines.join('\n')
    expect(lines).toContain('-----> Building Dockerfile')
    expect(text).toMatch(/-----> \[\d+\/\d+\] WORKDIR \/app/)
    expect(text).toMatch(/ ! {5}Dockerfile has ARG STRIPE_KEY\. The config var STRIPE_KEY is a build secret/)
    expect(text).toMatch(/ ! {5}Dockerfile exposes port 3000\. The app is given PORT=8080/)
    expect(text).not.toContain(SECRET)
  })

  it('uses the layers of the build before', async () => {
    const files = {
      Dockerfile: `${BASE}RUN echo expensive\nCOPY page.html /\nCMD ["/bin/httpd", "-f"]\n`,
      'page.html': '1',
    }
    await build(files)
    const { lines } = await build({ ...files, 'page.html': '2' })
    const at = lines.findIndex((line) => line.endsWith('RUN echo expensive'))
    expect(lines[at + 1]).toBe('       unchanged')
    expect(lines).not.toContain('       expensive')
  })

  it('takes the path, the target and the root directory of the settings, and the processes of a Procfile', async () => {
    const dockerfile = `${BASE}FROM 0 AS wanted\nCOPY here.txt /\nCMD ["/bin/wanted"]\nFROM 0\nRUN exit 9\n`
    const files = { 'apps/web/deploy/web.Dockerfile': dockerfile.replace('FROM 0\nRUN', 'FROM wanted\nRUN') }
    const { result, failure, context, lines } = await build(
      { ...files, 'apps/web/here.txt': 'here', 'apps/web/Procfile': 'web: httpd -f -p $PORT\nworker: sleep 1\n' },
      { settings: { rootDirectory: 'apps/web', dockerfile: 'deploy/web.Dockerfile', dockerfileTarget: 'wanted' } },
    )
    expect(failure, lines.join('\n')).toBeNull()
    expect(result?.processes.map(({ name, command }) => [name, command?.at(-1)])).toEqual([
      ['web', 'httpd -f -p $PORT'],
      ['worker', 'sleep 1'],
    ])
    const { config } = await inspectImage(context.target, 'acme/shop-web', result?.digest ?? '')
    expect(config?.Cmd).toEqual(['/bin/wanted'])
  })

  it('says which instruction failed, where, and why', async () => {
    const { failure } = await build({
      Dockerfile: `${BASE}\nRUN echo preparing && \\\n    echo "cannot find the frobnicator" >&2 && \\\n    exit 3\nCMD ["x"]\n`,
    })
    expect(failure?.message).toMatch(
      /^RUN echo preparing && .*exit 3 \(Dockerfile:6\) ended with code 3: cannot find the frobnicator\.$/,
    )
  })

  it.each([
    [
      'a base that cannot be had',
      'FROM 127.0.0.1:9/nowhere:1\nCMD ["x"]\n',
      /^FROM 127\.0\.0\.1:9\/nowhere:1 \(Dockerfile:1\) failed: 127\.0\.0\.1:9 could not be reached\.$/,
    ],
    [
      'a file that is not there',
      `${BASE}COPY missing.txt /\n`,
      /^COPY missing\.txt \/ \(Dockerfile:5\) failed: .*no such file/,
    ],
    ['neither ENTRYPOINT nor CMD', BASE, /^Dockerfile says nothing about how the app starts/],
    ['nonsense', 'FRM scratch\n', /^Dockerfile could not be built: no FROM statement found\.$/],
  ])(
    'says so: %s',
    async (_what, dockerfile, expected) => {
      const { failure, lines } = await build({ Dockerfile: dockerfile })
      expect(failure?.message, lines.join('\n')).toMatch(expected)
    },
    120_000,
  )

  it('ends at once when it is cancelled, with what a RUN has started', async () => {
    const cancelled = new AbortController()
    setTimeout(() => cancelled.abort(new Error('cancelled')), 4_000)
    const startedAt = Date.now()
    const files = { Dockerfile: `${BASE}RUN sleep 4711\nCMD ["x"]\n` }
    await expect(build(files, { signal: cancelled.signal })).rejects.toThrow('cancelled')
    expect(Date.now() - startedAt).toBeLessThan(60_000)
    expect(spawnSync('pgrep', ['-f', '^sleep 4711$']).status).toBe(1)
  })

  it('says that there is no Dockerfile', async () => {
    const { failure } = await build({ 'a.txt': '' }, { settings: { dockerfile: 'docker/Dockerfile' } })
    expect(failure?.message).toBe('There is no docker/Dockerfile in the repository.')
  })
})

it('names what to install where nothing builds Dockerfiles', async () => {
  const { chooseEngine } = await import('./engine.ts')
  await expect(chooseEngine({ PATH: '/nonexistent' })).rejects.toThrow(
    'Nothing that builds Dockerfiles is installed where this build runs.',
  )
})
