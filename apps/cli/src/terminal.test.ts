import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startTestPlatform, type TestPlatform } from '@slipway/platform/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { inTerminal, type Place, slipway, slipwayWithInput } from '../test/slipway.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

const run = promisify(execFile)
/** From util-linux. */
const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script')
const SIZE = { rows: 33, columns: 99 }

let platform: TestPlatform
let directory = ''
let place: Place
beforeAll(async () => {
  platform = await startTestPlatform()
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-cli-'))
  place = {
    configHome: path.join(directory, 'home'),
    cwd: directory,
    env: { SLIPWAY_URL: platform.url, SLIPWAY_TOKEN: platform.account.token, SLIPWAY_APP: 'tools' },
  }
  await platform.api().app.create.mutate({ ...platform.environment, app: 'tools', source: { kind: 'git' } })
  await push()
  const status = async () => (await platform.api().app.get.query(ref())).health.status
  await vi.waitFor(async () => expect(await status()).toBe('Healthy'), { timeout: 60_000, interval: 200 })
})
afterAll(async () => {
  await platform?.stop()
  await rm(directory, { recursive: true, force: true })
})

/** An app that listens, and whose image has a shell. */
async function push(): Promise<void> {
  const cwd = path.join(directory, 'tools')
  await mkdir(cwd)
  await writeFile(path.join(cwd, 'package.json'), '{"name":"tools","scripts":{"start":"node server.js"}}')
  await writeFile(
    path.join(cwd, 'server.js'),
    `require('node:http').createServer((_, response) => response.end('hello')).listen(process.env.PORT)`,
  )
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd })
  await git('init', '-q', '-b', 'main')
  await git('add', '.')
  await git('commit', '-qm', 'Say hello')
  await git('push', platform.gitUrl('tools'), 'main')
}

const ref = () => ({ ...platform.environment, app: 'tools' })

describe.runIf(hasTerminals)('in a terminal', () => {
  it('run gives the command one of the same size, and ends with its exit code', async () => {
    const terminal = inTerminal(place, SIZE, 'run', '--', 'sh')
    await terminal.until('Running with v1')
    terminal.type('until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; echo "sum $((40 + 2))"\n')
    await terminal.until('sum 42')
    await terminal.resize({ rows: 20, columns: 70 })
    terminal.type('until [ "$(stty size)" = "20 70" ]; do sleep 0.1; done; echo "is $((19 + 1)) rows"\n')
    await terminal.until('is 20 rows')
    terminal.type('sleep 600; echo "interrupted $((1 + 1))"\n')
    await terminal.until('sleep 600')
    terminal.type('\x03')
    terminal.type('exit 4\n')
    expect(await terminal.ended()).toBe(4)
  })

  it('~. leaves a command, which goes on: listed, come back to, ended', async () => {
    const first = inTerminal(place, SIZE, 'run', '--', 'sh')
    await first.until('Running with v1')
    first.type('word=kept; echo "was $word"\n')
    await first.until('was kept')
    first.type('\r~.')
    expect(await first.ended()).toBe(0)
    expect(first.shown()).toContain('It goes on.')
    const { stdout } = await slipway(place, 'runs', '--json')
    const [run] = JSON.parse(stdout)
    expect(run).toMatchObject({ command: ['sh'], mode: 'terminal', endedAt: null })
    expect((await slipway(place, 'runs')).stdout).toMatch(new RegExp(`${run.id}  Running +sh +yes`))
    const second = inTerminal(place, SIZE, 'runs', 'attach', run.id)
    // What was shown before is shown again.
    await second.until('was kept')
    second.type('echo "still $word"; exec cat\n')
    await second.until('still kept')
    expect((await slipway(place, 'runs', 'stop', run.id)).code).toBe(0)
    expect(await second.ended()).toBe(1)
    expect(second.shown()).toContain('It was stopped.')
  })

  it('exec opens one in a running instance', async () => {
    const terminal = inTerminal(place, SIZE, 'exec')
    // Answered once the shell reads.
    terminal.type('until [ "$(stty size)" = "33 99" ]; do sleep 0.1; done; echo "port $PORT"; exit 6\n')
    await terminal.until('port ')
    expect(await terminal.ended()).toBe(6)
  })
})

it('run takes what is piped in as standard input, and passes the exit code on', async () => {
  const input = 'one\ntwo\nthree\n'.repeat(10_000)
  const counted = await slipwayWithInput(place, input, 'run', '--', 'wc', '-l')
  expect([counted.code, counted.stdout.trim()]).toEqual([0, '30000'])
  const failed = await slipwayWithInput(place, 'x\n', 'run', 'read line; echo "got $line"; exit 3')
  expect([failed.code, failed.stdout]).toEqual([3, 'got x\n'])
})

it('run --detach answers the id, and does not wait', async () => {
  const { code, stdout } = await slipway(place, 'run', '--detach', '--', 'sleep', '600')
  expect(code).toBe(0)
  expect((await slipway(place, 'runs', 'stop', stdout.trim(), '--json')).code).toBe(0)
})

it('exec keeps the streams apart, takes what is piped in, and says where it cannot go', async () => {
  const done = await slipwayWithInput(place, 'through', 'exec', 'web', '--', 'sh', '-c', 'cat; echo err >&2; exit 5')
  expect([done.code, done.stdout, done.stderr]).toEqual([5, 'through', 'err\n'])
  const bytes = await slipway(place, 'exec', '--', 'head', '-c', '1000000', '/dev/zero')
  expect([bytes.code, bytes.stdout.length]).toEqual([0, 1_000_000])
  const nowhere = await slipway(place, 'exec', 'worker', '--', 'true')
  expect([nowhere.code, nowhere.stderr]).toEqual([4, expect.stringContaining('no instance or process worker')])
})
