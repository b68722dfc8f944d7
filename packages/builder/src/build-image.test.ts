import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createImageStore, type ImageStore, type StoredImage } from '../../local-cluster/src/images/index.ts'
import { createRegistry } from '../../local-cluster/src/registry/index.ts'
import { toolEnvironment } from './env.ts'
import { BuildFailure, buildImage, createBuildLog } from './index.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const FIXTURES = path.join(import.meta.dirname, '../test-data')

let dir: string
let server: Server
let registryUrl: string
let images: ImageStore
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'builder-'))
  const registry = await createRegistry({ dir: path.join(dir, 'registry') })
  images = await createImageStore({ dir: path.join(dir, 'images'), registry, hosts: ['registry.test'] })
  server = createServer((request, response) => void registry.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  registryUrl = `http://127.0.0.1:${portOf(server)}`
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  server.close()
  await rm(dir, { recursive: true, force: true })
})

function portOf(listening: Server): number {
  const address = listening.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

let count = 0
/** Builds a copy of a folder, or given files. */
async function build(source: string | Record<string, string>, signal = new AbortController().signal) {
  const sourceDir = path.join(dir, `source-${++count}`)
  await mkdir(sourceDir)
  if (typeof source === 'string') await cp(source, sourceDir, { recursive: true })
  else {
    for (const [name, content] of Object.entries(source)) {
      await mkdir(path.dirname(path.join(sourceDir, name)), { recursive: true })
      await writeFile(path.join(sourceDir, name), content)
    }
  }
  const lines: string[] = []
  const result = buildImage({
    sourceDir,
    cacheDir: path.join(dir, 'cache'),
    registryUrl,
    repository: 'acme/app',
    imagePrefix: 'registry.test',
    env: toolEnvironment(process.env),
    signal,
    log: createBuildLog((line) => lines.push(line)),
  })
  return { built: await result, lines, sourceDir }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const port = portOf(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Runs a built process as the local cluster does: below the unpacked image, with PORT. */
async function start(image: StoredImage, command: string[]): Promise<string> {
  const port = await freePort()
  const imageEnv = Object.fromEntries((image.config.Env ?? []).map((entry) => entry.split(/=(.*)/s).slice(0, 2)))
  const imagePath = (imageEnv.PATH ?? '')
    .split(':')
    .filter(Boolean)
    .map((each: string) => path.join(image.rootDir, each))
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd: path.join(image.rootDir, image.config.WorkingDir ?? '/'),
    env: { ...imageEnv, PATH: [...imagePath, process.env.PATH].join(':'), PORT: String(port) } as NodeJS.ProcessEnv,
    stdio: 'ignore',
  })
  children.push(child)
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on ${url}`)
}

const pull = (reference: string) => images.pull(reference, new AbortController().signal)

describe('building', () => {
  it('builds an Express app that was not written for it, without its development dependencies', async () => {
    const { built, lines } = await build(path.join(FIXTURES, 'express'))
    expect(lines[0]).toBe('-----> Node.js app detected')
    expect(lines).toContain('-----> Installing dependencies (npm)')
    expect(built.processes).toEqual([{ name: 'web', kind: 'web', command: ['sh', '-c', 'node app.js'] }])
    const image = await pull(built.image)
    const url = await start(image, built.processes[0]?.command ?? [])
    expect(await (await fetch(url)).text()).toContain('Guestbook')
    expect(await (await fetch(`${url}/assets/style.css`)).text()).toContain('teal')
    expect(image.config.User).toBe('1000:1000')
    const modules = await readdir(path.join(image.rootDir, 'app/node_modules'))
    expect(modules).toContain('express')
    expect(modules).not.toContain('once')
  }, 120_000)

  it('builds a plain static site', async () => {
    const { built, lines } = await build(path.join(FIXTURES, 'site'))
    expect(lines[0]).toBe('-----> Static site detected')
    const again = await build(path.join(FIXTURES, 'site'))
    expect(again.built.digest).toBe(built.digest)
    const url = await start(await pull(built.image), built.processes[0]?.command ?? [])
    const page = await fetch(url)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('Bakery')
    expect((await fetch(`${url}/css/main.css`)).headers.get('content-type')).toContain('text/css')
    const lost = await fetch(`${url}/nowhere`)
    expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining('No bread here')])
    expect((await fetch(`${url}/.slipway/static-server.mjs`)).status).toBe(404)
    expect((await fetch(`${url}/%2e%2e/%2e%2e/etc/passwd`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  }, 60_000)

  it('builds the examples', async () => {
    const node = await build(path.join(ROOT, 'examples/node'))
    expect(node.built.processes.map((each) => [each.name, each.kind])).toEqual([
      ['web', 'web'],
      ['worker', 'worker'],
    ])
    expect(
      await (await fetch(await start(await pull(node.built.image), node.built.processes[0]?.command ?? []))).text(),
    ).toContain('Hello')
    const python = await build(path.join(ROOT, 'examples/python'))
    expect(
      await (await fetch(await start(await pull(python.built.image), python.built.processes[0]?.command ?? []))).text(),
    ).toContain('Python 3')
    expect((await build(path.join(ROOT, 'examples/static'))).built.processes).toHaveLength(1)
  }, 60_000)

  it('runs the build script, with nothing of the host in its environment', async () => {
    const { built, lines } = await build({
      'package.json': JSON.stringify({
        scripts: { build: 'node make.js && mkdir dist && echo made > dist/out.txt', start: 'node .' },
      }),
      'make.js': 'console.log("making", process.env.SECRET ?? "no secret", process.env.NODE_ENV)',
    })
    expect(lines.some((line) => line.includes('making no secret production'))).toBe(true)
    expect(await readdir(path.join((await pull(built.image)).rootDir, 'app/dist'))).toEqual(['out.txt'])
  }, 60_000)
})

describe('builds that cannot succeed', () => {
  const failure = async (source: Record<string, string>) => {
    const error = await build(source).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (!(error instanceof BuildFailure)) throw new Error(`not a BuildFailure: ${error}`)
    return `${error.message} ${error.action}`
  }

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a tree of no known kind',
      { 'notes.txt': 'x' },
      /does not recognise.*package\.json.*requirements\.txt.*index\.html.*Procfile/,
    ],
    ['broken JSON', { 'package.json': '{' }, /package\.json is not valid JSON/],
    ['wrong fields', { 'package.json': '{"scripts": 3}' }, /package\.json is not valid: scripts/],
    ['no way to start', { 'package.json': '{}' }, /does not know how to start.*no "start" script/],
    [
      'two lockfiles',
      { 'package.json': '{"scripts":{"start":"x"}}', 'yarn.lock': '', 'pnpm-lock.yaml': '' },
      /pnpm-lock\.yaml and yarn\.lock/,
    ],
    [
      'a failing build script',
      { 'package.json': '{"scripts":{"build":"exit 3","start":"x"}}' },
      /npm run build ended with code 3/,
    ],
    ['a Procfile of nonsense', { Procfile: 'web node server.js' }, /Line 1 of the Procfile/],
    ['a process named twice', { Procfile: 'web: a\nWEB: b' }, /"web" twice/],
    ['an empty Procfile', { Procfile: '# nothing' }, /names no process/],
    ['Python without a start', { 'requirements.txt': '' }, /A Python app needs a Procfile/],
  ])('say so: %s', async (_what, files, expected) => {
    expect(await failure(files)).toMatch(expected)
  })

  it('refuses links that lead out of the app', async () => {
    const sourceDir = path.join(dir, 'link')
    await mkdir(sourceDir)
    await writeFile(path.join(sourceDir, 'Procfile'), 'web: cat secret')
    await symlink('/etc/passwd', path.join(sourceDir, 'secret'))
    await expect(build(sourceDir)).rejects.toThrow('The link secret leads out of the app')
  })

  it('ends at once when it is cancelled, with everything it started', async () => {
    const cancel = new AbortController()
    const marker = path.join(dir, 'still-running')
    const script = `sh -c "sleep 30; touch ${marker}" & sleep 30`
    setTimeout(() => cancel.abort(new Error('cancelled')), 1_500)
    const startedAt = Date.now()
    await expect(
      build({ 'package.json': JSON.stringify({ scripts: { build: script, start: 'x' } }) }, cancel.signal),
    ).rejects.toThrow('cancelled')
    expect(Date.now() - startedAt).toBeLessThan(20_000)
  }, 40_000)
})

describe('the build log', () => {
  it('bounds its length and its lines', () => {
    const lines: string[] = []
    const log = createBuildLog((line) => lines.push(line), 10_000)
    for (let index = 0; index < 100; index += 1) log.line('x'.repeat(10_000))
    log.warning('the end')
    expect(lines.join('').length).toBeLessThan(20_000)
    expect(lines.filter((line) => line.includes('too long'))).toHaveLength(1)
    expect(lines.at(-1)).toBe(' !     the end')
  })
})
