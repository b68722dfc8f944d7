import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildSettingsSchema } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { readEnv } from '../env.ts'
import { createBuildLog } from '../log.ts'
import { parseCredentials } from '../registry/credentials.ts'
import { terminationMessage } from '../termination.ts'
import { buildWithBuildpacks, creatorArguments, creatorEnvironment, processesOf, reportedDigest } from './buildpacks.ts'
import { buildctlArguments } from './dockerfile/buildkit.ts'
import type { DockerfileBuild } from './dockerfile/engine.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import type { StrategyContext } from './strategy.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

const context: StrategyContext = {
  sourceDir: '/work/source',
  scratchDir: '/tmp/scratch',
  cacheDir: '/work/cache/app',
  settings: buildSettingsSchema.parse({ dockerfileTarget: 'web' }),
  processesFile: {},
  target: {
    origin: 'http://10.0.0.1:5000',
    prefixHost: 'registry.test',
    credentials: parseCredentials('{}'),
    signal: new AbortController().signal,
    repository: 'slipway/acme/shop-web',
    tag: 'production-b7',
  },
  identity: { app: 'acme/shop/production/web', number: '7', commit: 'abc' },
  env: { PATH: '/usr/bin' },
  vars: { STRIPE_KEY: 'sk_live' },
  varsDir: '/run/slipway/vars',
  facts: { SOURCE_VERSION: 'abc' },
  dockerConfig: '/run/slipway/registry',
  signal: new AbortController().signal,
  log: createBuildLog(() => undefined),
}

describe('BuildKit', () => {
  const build: DockerfileBuild = {
    ...context,
    contextDir: '/work/source/apps/web',
    dockerfile: '/work/source/apps/web/deploy/Dockerfile',
    shownName: 'apps/web/deploy/Dockerfile',
    parsed: parseDockerfile('FROM x'),
    buildArgs: { API: 'a=b' },
    labels: { 'dev.slipway.build': '7' },
  }
  const args = buildctlArguments(build, 'unix:///tmp/s', '/tmp/m').join(' ')

  it('is given context, Dockerfile, arguments and secrets by name, never a secret', () => {
    expect(args).toContain('--local context=/work/source/apps/web --local dockerfile=/work/source/apps/web/deploy')
    expect(args).toContain('--opt filename=Dockerfile --opt target=web --opt build-arg:API=a=b')
    expect(args).toContain('--secret id=STRIPE_KEY,src=/run/slipway/vars/STRIPE_KEY')
    expect(args).not.toContain('sk_live')
  })

  it('pushes by itself and keeps its cache in the same repository', () => {
    const repository = '10.0.0.1:5000/slipway/acme/shop-web'
    expect(args).toContain(`--output type=image,name=${repository}:production-b7,push=true`)
    expect(args).toContain(`--export-cache type=registry,ref=${repository}:buildcache,mode=max`)
    expect(args).toContain(`--import-cache type=registry,ref=${repository}:buildcache --metadata-file /tmp/m`)
  })
})

describe('buildpacks', () => {
  const places = { app: '/w/app', layers: '/w/layers', platform: '/w/platform', report: '/w/report.toml' }

  it("run the lifecycle's creator, which pushes by itself", () => {
    const args = creatorArguments(context, places)
    expect(args).toEqual([
      '-app=/w/app',
      '-layers=/w/layers',
      '-platform=/w/platform',
      '-report=/w/report.toml',
      '-cache-image=10.0.0.1:5000/slipway/acme/shop-web:buildpacks-cache',
      '-process-type=web',
      '-log-level=info',
      '10.0.0.1:5000/slipway/acme/shop-web:production-b7',
    ])
    expect(creatorEnvironment(context)).toEqual({
      PATH: '/usr/bin',
      HOME: '/tmp/scratch',
      CNB_PLATFORM_API: '0.12',
      CNB_INSECURE_REGISTRIES: '10.0.0.1:5000',
      DOCKER_CONFIG: '/run/slipway/registry',
    })
  })

  it('say the digest in their report, and the processes in a label', () => {
    expect(reportedDigest(`[build]\n[image]\n  tags = ["x"]\n  digest = "${DIGEST}"\n`)).toBe(DIGEST)
    const label = { processes: [{ type: 'web' }, { type: 'worker' }, { type: 'release' }] }
    expect(processesOf({ config: { Labels: { 'io.buildpacks.build.metadata': JSON.stringify(label) } } })).toEqual([
      { name: 'web', kind: 'web', command: null },
      { name: 'worker', kind: 'worker', command: ['/cnb/process/worker'] },
      { name: 'release', kind: 'release', command: ['/cnb/process/release'] },
    ])
    expect(() => processesOf({ config: {} })).toThrow('The buildpacks do not know how this app starts.')
  })

  it('are refused in words where there is no lifecycle', async () => {
    await expect(buildWithBuildpacks(context)).rejects.toThrow('they are not installed where this build runs')
  })
})

describe('a Dockerfile that is read', () => {
  it('gives the line of an instruction, however it is wrapped', () => {
    const parsed = parseDockerfile(
      '# syntax=x\nFROM a AS b\nARG ONE=1\nARG TWO\nRUN one \\\n  # why\n  && two\nCMD ["x"]\n',
    )
    expect(parsed.args).toEqual(['ONE', 'TWO'])
    expect(parsed.lineOf('RUN one   && two')).toBe(5)
    expect(parsed.lineOf('CMD ["x"]')).toBe(8)
    expect(parsed.lineOf('RUN three')).toBeNull()
  })
})

describe('the environment of a build', () => {
  const required: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    SOURCE_URL: 'http://platform/source',
    SOURCE_TOKEN: 'token',
    REGISTRY_PUSH_URL: 'https://registry.example.com',
    IMAGE_REPOSITORY: 'acme/shop-web',
    IMAGE_PREFIX: 'registry.example.com',
    CACHE_KEY: 'app.0',
    SLIPWAY_BUILD_CACHE_DIR: '/cache',
    TERMINATION_LOG: '/dev/termination-log',
  }

  it('has defaults for all that an older platform does not say', () => {
    const { build, vars, dockerConfig } = readEnv(required)
    expect(build.BUILD_STRATEGY).toBe('native')
    expect(build.BUILD_SETTINGS).toEqual(buildSettingsSchema.parse({}))
    expect([vars, dockerConfig]).toEqual([{}, null])
  })

  it('has the config vars as they are in their files, and nothing secret for tools', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'slipway-vars-'))
    await writeFile(path.join(dir, 'PEM'), '-----BEGIN\nx\n')
    await writeFile(path.join(dir, '..2026_data'), 'x')
    const environment = readEnv({
      ...required,
      PATH: '/bin',
      APP_REF: 'acme/shop/production/web',
      SOURCE_VERSION: 'abc',
      BUILD_VARS_DIR: '/nowhere',
      SLIPWAY_VOLUME_VARS: dir,
      BASE_IMAGES: '{"node":"node:{version}-slim"}',
      BUILD_SETTINGS: '{"rootDirectory":"apps/web"}',
    })
    expect(environment.vars).toEqual({ PEM: '-----BEGIN\nx\n' })
    expect(environment.build.BUILD_SETTINGS.rootDirectory).toBe('apps/web')
    expect(environment.facts).toMatchObject({
      SOURCE_VERSION: 'abc',
      SLIPWAY_APP: 'web',
      SLIPWAY_ENVIRONMENT: 'production',
    })
    expect(environment.tools).toEqual({ PATH: '/bin' })
    await rm(dir, { recursive: true })
  })

  it('names what is wrong in it', () => {
    expect(() => readEnv({ ...required, REGISTRY_PUSH_URL: 'ftp://x', BUILD_SETTINGS: '{"builder":"x"}' })).toThrow(
      'BUILD_SETTINGS.builder, REGISTRY_PUSH_URL',
    )
  })
})

describe('the termination message', () => {
  it('always fits into what the kubelet keeps', () => {
    const long = 'ä'.repeat(5000)
    const processes = [{ name: 'web', kind: 'web' as const, command: null }]
    const failed = terminationMessage({ failure: long, action: long })
    const built = terminationMessage({ image: `x@${DIGEST}`, processes, notes: [long] })
    for (const message of [failed, built]) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096)
    expect(JSON.parse(built)).toEqual({ image: `x@${DIGEST}`, processes })
    expect(JSON.parse(failed).failure).toMatch(/…$/)
  })
})
