import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { startTestPlatform, type TestPlatform } from '@slipway/platform/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { follow, type Place, slipway, slipwayWithInput } from '../test/slipway.ts'

const run = promisify(execFile)

const SERVER = `
const http = require('node:http')
if (process.env.CRASH) {
  console.error('Error: CRASH is set')
  process.exit(7)
}
http.createServer((_, response) => response.end(process.env.GREETING ?? 'hello')).listen(process.env.PORT, () => console.log('listening'))
let ticks = 0
setInterval(() => console.log('tick ' + ++ticks), 200)
`

let platform: TestPlatform
let directory = ''
let place: Place
/** The same person, with a token instead of having signed in. */
let machine: Place

beforeAll(async () => {
  platform = await startTestPlatform()
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-cli-'))
  const cwd = path.join(directory, 'api')
  await mkdir(cwd)
  await run('git', ['init', '-q', '-b', 'main'], { cwd })
  place = { configHome: path.join(directory, 'home'), cwd }
  machine = {
    configHome: path.join(directory, 'nowhere'),
    cwd: directory,
    env: { SLIPWAY_URL: platform.url, SLIPWAY_TOKEN: platform.account.token },
  }
}, 120_000)

afterAll(async () => {
  await platform?.stop()
  await rm(directory, { recursive: true, force: true })
})

const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await slipway(place, ...args, '--json')
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

describe('signing in', () => {
  it('is asked for before anything else', async () => {
    const { code, stderr } = await slipway(place, 'teams')
    expect(code).toBe(3)
    expect(stderr).toContain('slipway login')
  })

  it('fails with the wrong password, and stores nothing', async () => {
    const { code, stderr } = await slipwayWithInput(
      place,
      'wrong password\n',
      'login',
      '--url',
      platform.url,
      '--email',
      platform.account.email,
      '--password-stdin',
    )
    expect([code, stderr]).toEqual([3, expect.stringContaining('wrong')])
    await expect(stat(path.join(place.configHome, 'slipway/credentials.json'))).rejects.toThrow(/ENOENT/)
  })

  it('stores a token that only this user can read', async () => {
    const { code, stdout } = await slipwayWithInput(
      place,
      `${platform.account.password}\n`,
      'login',
      '--url',
      platform.url,
      '--email',
      platform.account.email,
      '--password-stdin',
    )
    expect([code, stdout]).toEqual([0, `Signed in to ${platform.url} as ${platform.account.email}.\n`])
    const { mode } = await stat(path.join(place.configHome, 'slipway/credentials.json'))
    expect((mode & 0o777).toString(8)).toBe('600')
  })

  it('is not needed with a token from the environment', async () => {
    expect(await slipway(machine, 'teams', '--json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"acme"'),
    })
    const stranger = { ...machine, env: { ...machine.env, SLIPWAY_TOKEN: 'slp_not_a_token' } }
    expect(await slipway(stranger, 'teams', '--json')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('"unauthenticated"'),
    })
  })
})

describe('teams, projects and apps', () => {
  it('are listed', async () => {
    expect(await json('teams')).toEqual([{ team: 'acme', name: 'Acme', role: 'owner' }])
    expect(await json('projects')).toMatchObject([
      { team: 'acme', project: 'shop', environments: [{ environment: 'production', apps: 0 }] },
    ])
    expect((await slipway(place, 'projects')).stdout).toContain('acme/shop')
    expect((await slipway(place, 'apps')).stdout).toContain('slipway apps create')
  })

  it('are made; an app in a git repository gets its remote', async () => {
    const { code, stdout } = await slipway(place, 'apps', 'create', 'api')
    expect([code, stdout]).toEqual([0, expect.stringContaining('Added the git remote slipway.')])
    const { stdout: remote } = await run('git', ['remote', 'get-url', 'slipway'], { cwd: place.cwd })
    expect(new URL(remote.trim()).pathname).toBe('/git/acme/shop/production/api.git')
    expect(await json('apps', 'info')).toMatchObject({
      ref: { app: 'api' },
      health: { reason: 'NotDeployed' },
      currentRelease: null,
    })
  })

  it('answer with the exit code that goes with what is wrong', async () => {
    const codes = [
      [['apps', 'create', 'api'], 5],
      [['apps', 'create', 'Not A Name'], 2],
      [['apps', 'info', '--app', 'nope'], 4],
      [['apps', 'info', '--app', 'acme/shop/production/nope'], 4],
      [['apps', 'info', '--app', 'other/shop/production/api'], 4],
      [['scale', 'web'], 2],
      [['rollback', 'v9'], 4],
      [['rollback'], 5],
      [['logs', '--tail', 'many'], 2],
      [['nonsense'], 2],
    ] as const
    for (const [args, code] of codes) expect([args, (await slipway(place, ...args)).code]).toEqual([args, code])
  })

  it('say that no answer came where nothing listens', async () => {
    const nowhere = { ...machine, env: { ...machine.env, SLIPWAY_URL: 'http://127.0.0.1:1' } }
    expect(await slipway(nowhere, 'teams')).toMatchObject({ code: 8, stderr: expect.stringContaining('SLIPWAY_URL') })
  })
})

describe('how an app is built', () => {
  it('is shown and changed in the words of the page', async () => {
    const shown = await slipway(place, 'settings')
    expect([shown.code, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/Root directory: +top of the repository\n[\s\S]*Builder: +Automatic/),
    ])
    const set = await slipway(
      place,
      'settings',
      'set',
      'root=apps/web',
      'builder=dockerfile',
      'arg.NODE_ENV=production',
    )
    expect([set.code, set.stdout]).toEqual([0, expect.stringMatching(/Builder: +Dockerfile[\s\S]*NODE_ENV=production/)])
    expect(set.stderr).toContain('The next deploy uses them')
    expect(await json('settings')).toMatchObject({ rootDirectory: 'apps/web', buildArgs: { NODE_ENV: 'production' } })
    expect((await slipway(place, 'settings', 'unset', 'root', 'builder', 'arg.NODE_ENV')).code).toBe(0)
    expect(await json('settings')).toMatchObject({ rootDirectory: '', builder: 'automatic', buildArgs: {} })
  })

  it('is refused in words where it is wrong', async () => {
    const outside = await slipway(place, 'settings', 'set', 'root=../other')
    expect([outside.code, outside.stderr]).toEqual([2, expect.stringContaining('inside the repository')])
    const unknown = await slipway(place, 'settings', 'set', 'colour=blue')
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('Settings are: root, branch')])
  })

  it('has no builds before the first push', async () => {
    expect((await slipway(place, 'builds')).stdout).toContain('There are no builds yet')
    expect((await slipway(place, 'builds', 'log')).code).toBe(4)
    expect((await slipway(place, 'builds', 'clear-cache')).stdout).toContain('Build cache cleared')
  })
})

describe('registries of a team', () => {
  it('are added, listed without their passwords, and removed', async () => {
    const add = ['registries', 'add', 'ghcr.io', '--username', 'octo'] as const
    expect(await slipway(place, ...add)).toMatchObject({ code: 2, stderr: expect.stringContaining('--password-stdin') })
    expect(await slipwayWithInput(place, 'ghp_hush\n', ...add, '--password-stdin')).toMatchObject({ code: 0 })
    expect(await json('registries')).toMatchObject([{ host: 'ghcr.io', username: 'octo' }])
    expect((await slipway(place, 'registries')).stdout).not.toContain('hush')
    expect((await slipway(place, 'registries', 'remove', 'ghcr.io')).code).toBe(0)
    expect((await slipway(place, 'registries', 'remove', 'ghcr.io')).code).toBe(4)
  })
})

describe('an app from source', () => {
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: place.cwd, timeout: 240_000 })

  it('is live after a push', async () => {
    await writeFile(path.join(place.cwd, 'server.js'), SERVER)
    await writeFile(
      path.join(place.cwd, 'package.json'),
      JSON.stringify({ name: 'api', scripts: { start: 'node server.js' } }),
    )
    await git('add', '.')
    await git('commit', '-qm', 'First')
    await git('push', '-q', platform.gitUrl('api'), 'main')
    await expect.poll(async () => (await json('releases'))[0]?.status, { timeout: 120_000, interval: 500 }).toBe('live')
    const { code, stdout } = await slipway(place, 'ps')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(
        /Healthy: Running v1 on 1 of 1 instance\.[\s\S]*web: 1 of 1 instance ready[\s\S]*Running +yes +v1/,
      ),
    ])
    expect((await slipway(place, 'builds')).stdout).toMatch(/#1 +succeeded +[0-9a-f]{7} main +First/)
    const log = await slipway(place, 'builds', 'log', '#1')
    expect([log.code, log.stdout]).toEqual([0, expect.stringContaining('Node.js')])
    expect((await slipway(place, 'builds', 'cancel', '1')).code).toBe(5)
    const again = await slipway(place, 'builds', 'again')
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Build #2 succeeded.')])
    await expect
      .poll(async () => (await json('releases'))[0], { timeout: 60_000 })
      .toMatchObject({
        number: 2,
        status: 'live',
      })
  }, 260_000)

  it('takes config vars as one release each, and keeps them masked', async () => {
    const set = await slipway(place, 'config', 'set', 'GREETING=good day', 'EMPTY=')
    expect(set).toMatchObject({ code: 0, stdout: expect.stringContaining('v3 is live') })
    const { url } = await json('open')
    expect(await platform.fetchApp(new URL(url).host)).toMatchObject({ status: 200, body: 'good day' })
    expect((await slipway(place, 'config')).stdout).not.toContain('good day')
    expect((await slipway(place, 'config', 'get', 'GREETING')).stdout).toBe('good day\n')
    expect((await json('config')).map(({ key }: { key: string }) => key).sort()).toEqual(['EMPTY', 'GREETING'])
    expect((await slipway(place, 'config', 'unset', 'EMPTY', '--no-wait')).code).toBe(0)
    expect((await slipway(place, 'config', 'set', 'PORT=1')).code).toBe(2)
  }, 180_000)

  it('is scaled, up to its quota', async () => {
    expect(await json('scale', 'web=2', '--memory', '128Mi')).toMatchObject({
      processes: [{ name: 'web', instances: 2, memoryMiB: 128 }],
    })
    await platform.api().quota.set.mutate({ team: 'acme', limits: { cpuMillis: null, memoryMiB: null, instances: 4 } })
    const refused = await slipway(place, 'scale', 'web=50')
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringMatching(/50|4/) })
    expect(await json('apps', 'info')).toMatchObject({ processes: [{ instances: 2 }] })
  }, 60_000)

  it('shows its log, and goes on with it', async () => {
    const { code, stdout } = await slipway(place, 'logs', '--tail', '5')
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(5)
    expect(stdout).toMatch(/^\S+Z web\[\w+\] tick \d+$/m)
    const following = follow(place, 'logs', '--follow', '--json', '--tail', '0')
    await following.until(/"tick \d+"/)
    const lines = following
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    // Instances of the change of size before may still begin, with a line of their own.
    expect(lines).toContainEqual(expect.objectContaining({ process: 'web', text: expect.stringMatching(/^tick/) }))
    expect(await following.interrupt()).toBe(130)
  }, 120_000)

  it('goes back to an earlier release, its config included', async () => {
    const { code, stdout } = await slipway(place, 'rollback', 'v1')
    expect([code, stdout]).toEqual([0, expect.stringMatching(/v\d+ is live/)])
    const { url } = await json('open')
    await expect.poll(async () => (await platform.fetchApp(new URL(url).host)).body, { timeout: 30_000 }).toBe('hello')
    const { stdout: table } = await slipway(place, 'releases')
    expect(table).toMatch(/RELEASE +STATUS +WHAT[\s\S]*v1 /)
  }, 180_000)
})

describe('a release that crashes at start', () => {
  it('ends config set in the words of a push, its last lines, and failure; what served before still does', async () => {
    const { code, stdout } = await slipway(place, 'config', 'set', 'CRASH=1')
    expect(stdout).toMatch(/^v\d+ is failing: the web process exits with code 7.* v\d+ still serves\.$/m)
    expect(stdout).toContain('  Error: CRASH is set')
    expect(code).toBe(1)
    const back = await slipway(place, 'rollback')
    expect([back.code, back.stdout]).toEqual([0, expect.stringMatching(/v\d+ is live/)])
    const [, failed] = await json('releases')
    const again = await slipway(place, 'rollback', `v${failed.number}`)
    expect([again.code, again.stdout]).toEqual([1, expect.stringContaining('exits with code 7')])
  }, 180_000)
})

describe('an app from an image', () => {
  it('that can not run ends in words, and in failure', async () => {
    expect((await slipway(place, 'apps', 'create', 'proxy', '--no-remote')).code).toBe(0)
    const { code, stdout } = await slipway(
      place,
      'deploy',
      '--app',
      'proxy',
      '--image',
      'acme/proxy:1.29',
      '--timeout',
      '120',
    )
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^v1 is failing: .*acme\/proxy:1\.29 can not be pulled/)])
    // With an OCI runtime the registry is asked; without one, only a real cluster runs such an image.
    expect(stdout).toMatch(/KUBECONFIG|can reach its registry/)
  }, 150_000)
})

it('signs out, and takes the token back', async () => {
  expect(await slipway(place, 'logout')).toMatchObject({ code: 0, stderr: '' })
  expect((await slipway(place, 'teams')).code).toBe(3)
  expect((await platform.api().token.list.query()).filter(({ name }) => name.startsWith('slipway on'))).toEqual([])
})
