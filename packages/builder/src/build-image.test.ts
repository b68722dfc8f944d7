import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBuildLog } from './index.ts'
import { createHarness, type Harness } from './testing/harness.ts'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const FIXTURES = path.join(import.meta.dirname, '../test-data')

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(() => harness.close())

describe('building', () => {
  it('builds an Express app that was not written for it, without its development dependencies', async () => {
    const { built, lines, image } = await harness.build(path.join(FIXTURES, 'express'))
    expect(lines).toContain('-----> Installing dependencies (npm)')
    expect(built.processes).toEqual([{ name: 'web', kind: 'web', command: ['sh', '-c', 'node app.js'] }])
    const url = await harness.start(image, built.processes[0]?.command ?? [])
    expect(await (await fetch(url)).text()).toContain('Guestbook')
    expect(await (await fetch(`${url}/assets/style.css`)).text()).toContain('teal')
    expect(image.config.User).toBe('1000:1000')
    const modules = await readdir(path.join(image.rootDir, 'app/node_modules'))
    expect(modules).toContain('express')
    expect(modules).not.toContain('once')
  })

  it('builds a plain static site', async () => {
    const { built, lines, image } = await harness.build(path.join(FIXTURES, 'site'))
    expect(lines[0]).toBe('-----> Serving the whole tree with sirv')
    const again = await harness.build(path.join(FIXTURES, 'site'))
    expect(again.built.digest).toBe(built.digest)
    const url = await harness.start(image, built.processes[0]?.command ?? [])
    const page = await fetch(url)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(await page.text()).toContain('Bakery')
    expect((await fetch(`${url}/css/main.css`)).headers.get('content-type')).toContain('text/css')
    const lost = await fetch(`${url}/nowhere`)
    expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining('No bread here')])
    expect((await fetch(`${url}/.slipway/static-server.mjs`)).status).toBe(404)
    expect((await fetch(`${url}/%2e%2e/%2e%2e/etc/passwd`)).status).toBe(404)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  })

  it('builds the examples', async () => {
    const node = await harness.build(path.join(ROOT, 'examples/node'))
    expect(node.built.processes.map((each) => [each.name, each.kind])).toEqual([
      ['web', 'web'],
      ['worker', 'worker'],
    ])
    expect(await (await fetch(await harness.start(node.image))).text()).toContain('Hello')
    const python = await harness.build(path.join(ROOT, 'examples/python'))
    expect(await (await fetch(await harness.start(python.image))).text()).toContain('Python 3')
    expect((await harness.build(path.join(ROOT, 'examples/static'))).built.processes).toHaveLength(1)
  })

  it('runs the build script, with nothing of the host in its environment', async () => {
    const { lines, image } = await harness.build({
      'package.json': JSON.stringify({
        scripts: { build: 'node make.js && mkdir dist && echo made > dist/out.txt', start: 'node .' },
      }),
      'make.js': 'console.log("making", process.env.SECRET ?? "no secret", process.env.NODE_ENV)',
    })
    expect(lines.some((line) => line.includes('making no secret production'))).toBe(true)
    expect(await readdir(path.join(image.rootDir, 'app/dist'))).toEqual(['out.txt'])
  })
})

describe('builds that cannot succeed', () => {
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
      { 'package.json': '{"scripts":{"build":"exit 3","start":"node x"}}' },
      /npm run build ended with code 3/,
    ],
    ['a Procfile of nonsense', { Procfile: 'web node server.js' }, /Line 1 of the Procfile/],
    ['a process named twice', { Procfile: 'web: a\nWEB: b' }, /"web" twice/],
    ['an empty Procfile', { Procfile: '# nothing' }, /names no process/],
    ['Python without a start', { 'requirements.txt': '' }, /does not know how to start this Python app/],
  ])('say so: %s', async (_what, files, expected) => {
    expect((await harness.failure(files)).said).toMatch(expected)
  })

  it('refuses links that lead out of the app', async () => {
    const sourceDir = path.join(harness.dir, 'link')
    await mkdir(sourceDir)
    await writeFile(path.join(sourceDir, 'Procfile'), 'web: cat secret')
    await symlink('/etc/passwd', path.join(sourceDir, 'secret'))
    await expect(harness.build(sourceDir)).rejects.toThrow('The link secret leads out of the app')
  })

  it('ends at once when it is cancelled, with everything it started', async () => {
    const cancel = new AbortController()
    const marker = path.join(harness.dir, 'still-running')
    const script = `sh -c "sleep 300; touch ${marker}" & sleep 300`
    setTimeout(() => cancel.abort(new Error('cancelled')), 1_500)
    const startedAt = Date.now()
    await expect(
      harness.build(
        { 'package.json': JSON.stringify({ scripts: { build: script, start: 'node x' } }) },
        { signal: cancel.signal },
      ),
    ).rejects.toThrow('cancelled')
    expect(Date.now() - startedAt).toBeLessThan(60_000)
  }, 90_000)
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
