import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { parseEnvFile } from '@slipway/domain'
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
})

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

  it('goes through a browser: shows a code, waits, and stores the token that was approved', async () => {
    const other = { ...place, configHome: path.join(directory, 'other') }
    expect(await slipway(other, 'login', '--url', platform.url)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--no-browser'),
    })
    const begin = async () => {
      const login = follow(other, 'login', '--url', platform.url, '--no-browser', '--json', '--days', '3')
      await login.until(/Ctrl-C stops waiting/)
      return { login, code: /Your code: (\S+)/.exec(login.stderr())?.[1] ?? '' }
    }
    const { api, account } = platform
    const first = await begin()
    const { request } = await api(account.token).device.get.query({ code: first.code })
    const shown = { code: first.code, request, password: account.password }
    await api(account.token).device.approve.mutate({ ...shown, scope: 'read', expiresInDays: 3 })
    await first.login.until(/"email"/)
    expect(await first.login.ended()).toBe(0)
    expect(JSON.parse(first.login.stdout())).toMatchObject({ url: platform.url, email: account.email })
    const tokens = await api(account.token).token.list.query()
    expect(tokens[0]).toMatchObject({ name: `slipway on ${hostname()}`, scope: 'read' })
    expect(await slipway(other, 'teams')).toMatchObject({ code: 0 })
    expect((await slipway(other, 'logout')).code).toBe(0)
    const second = await begin()
    const asked = await api(account.token).device.get.query({ code: second.code })
    await api(account.token).device.refuse.mutate({ code: second.code, request: asked.request })
    await second.login.until(/The sign-in was refused in the browser/)
    expect(await second.login.ended()).toBe(3)
    const third = await begin()
    expect(await third.login.interrupt()).toBe(130)
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

describe('tokens and sessions', () => {
  it('a token is created with a scope and an expiry, listed without its secret, and revoked by its name', async () => {
    const create = (...args: string[]) =>
      slipwayWithInput(place, `${platform.account.password}\n`, 'tokens', 'create', 'ci', '--password-stdin', ...args)
    const { code, stdout, stderr } = await create('--scope', 'read', '--days', '7')
    expect([code, stdout, stderr]).toEqual([
      0,
      expect.stringMatching(/^slp_[\w-]{43}\n$/),
      expect.stringContaining('in 6 days'),
    ])
    const reading = { ...machine, env: { ...machine.env, SLIPWAY_TOKEN: stdout.trim() } }
    expect((await slipway(reading, 'teams')).code).toBe(0)
    const refused = await slipway(reading, 'teams', 'create', 'More')
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('has the scope read; this needs full')])
    expect(await json('tokens')).toContainEqual(expect.objectContaining({ name: 'ci', scope: 'read' }))
    const list = await slipway(place, 'tokens')
    expect(list.stdout).toContain(stdout.slice(0, 8))
    expect(list.stdout).not.toContain(stdout.trim())
    expect((await slipway(place, 'tokens', 'revoke', 'ci')).stdout).toBe('Revoked ci.\n')
    expect((await slipway(reading, 'teams')).code).toBe(3)
    expect((await create('--no-expiry')).stderr).toContain('does not expire')
    expect((await slipway(place, 'tokens')).stdout).toMatch(/ci .* deploy .* never +never/)
    expect((await slipway(place, 'tokens', 'create', 'x')).stderr).toContain('--password-stdin')
  })

  it('an operator makes a link for who forgot their password', async () => {
    const { code, stdout, stderr } = await slipway(place, 'accounts', 'reset-link', platform.account.email)
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^http:\/\/localhost:\d+\/reset\/[\w-]{43}\n$/)])
    expect(stderr).toContain(`Send it to ${platform.account.email}`)
    expect((await slipway(place, 'accounts', 'reset-link', 'nobody@example.com')).code).toBe(4)
  })

  it('sessions of browsers are listed and ended', async () => {
    expect((await slipway(place, 'sessions')).stdout).toBe('No browser is signed in as you.\n')
    const { email, password } = platform.account
    for (let i = 0; i < 3; i++) await platform.api(null).session.verifyPassword.mutate({ email, password })
    const [first] = await json('sessions')
    expect(first).toMatchObject({ device: expect.any(String), address: '127.0.0.1', current: false })
    expect((await slipway(place, 'sessions', 'end', first.id)).stdout).toBe('Ended 1 session.\n')
    expect((await slipway(place, 'sessions', 'end', first.id)).stderr).toContain('has already ended')
    expect((await slipway(place, 'sessions', 'end')).code).toBe(2)
    expect((await slipway(place, 'sessions', 'end', '--all')).stdout).toBe('Ended 2 sessions.\n')
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
    expect([code, stdout]).toEqual([0, expect.stringContaining('Added the git remote slipway; git takes the password')])
    const { stdout: remote } = await run('git', ['remote', 'get-url', 'slipway'], { cwd: place.cwd })
    const { origin, protocol, host, pathname } = new URL(remote.trim())
    expect(pathname).toBe('/git/acme/shop/production/api.git')
    const { stdout: helper } = await run('git', ['config', `credential.${origin}.helper`], { cwd: place.cwd })
    expect(helper.trim()).toBe('!slipway git-credential')
    // What git asks is answered for this installation, and for no other host.
    const ask = (asked: string) =>
      slipwayWithInput(place, `protocol=${protocol.slice(0, -1)}\nhost=${asked}\n\n`, 'git-credential', 'get')
    expect((await ask(host)).stdout).toMatch(/^username=slipway\npassword=slp_\S+\n$/)
    expect((await ask('github.com')).stdout).toBe('')
    expect(await json('apps', 'info')).toMatchObject({
      ref: { app: 'api' },
      health: { reason: 'NotDeployed' },
      currentRelease: null,
    })
  })

  it('show people and environments, and are deleted only by their name', async () => {
    expect((await slipway(place, 'members')).stdout).toMatch(/owner/)
    const invited = await json('members', 'invite', 'new@example.com', '--role', 'viewer')
    expect(invited).toMatchObject({ role: 'viewer', url: expect.stringContaining('/invite/') })
    expect((await slipway(place, 'members', 'revoke-invitation', 'new@example.com')).code).toBe(0)
    expect((await slipway(place, 'env', 'create', 'staging')).code).toBe(0)
    expect((await slipway(place, 'env')).stdout).toMatch(/^staging +staging$/m)
    expect(await slipway(place, 'env', 'delete', 'staging')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--confirm staging'),
    })
    expect((await slipway(place, 'env', 'delete', 'staging', '--confirm', 'other')).code).toBe(2)
    expect((await slipway(place, 'env', 'delete', 'staging', '--confirm', 'staging')).code).toBe(0)
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
      expect.stringMatching(/^Running v1 on 1 of 1 instance\.[\s\S]*web: Running, 1 of 1 ready[\s\S]*Running +yes +v1/),
    ])
    expect((await slipway(place, 'builds')).stdout).toMatch(/#1 +Built +[0-9a-f]{7} main +First/)
    const log = await slipway(place, 'builds', 'log', '#1')
    expect([log.code, log.stdout]).toEqual([0, expect.stringContaining('Node.js')])
    expect((await slipway(place, 'builds', 'cancel', '1')).code).toBe(5)
    const again = await slipway(place, 'builds', 'again')
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Build #2: Built.')])
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
    // What --reveal prints is a file that --env-file reads; one with a line that cannot be read sets nothing.
    const values = 'QUOTED=\'it "works"\'\nHASH=abc#def\nPEM="-----BEGIN-----\nMIIB\n-----END-----"\n'
    await writeFile(path.join(place.cwd, 'app.env'), values)
    expect((await slipway(place, 'config', 'set', '--env-file', 'app.env', '--no-wait')).code).toBe(0)
    const revealed = await slipway(place, 'config', '--reveal')
    expect(parseEnvFile(revealed.stdout)).toEqual({
      values: {
        EMPTY: '',
        GREETING: 'good day',
        HASH: 'abc#def',
        PEM: '-----BEGIN-----\nMIIB\n-----END-----',
        QUOTED: 'it "works"',
      },
      problems: [],
    })
    await writeFile(path.join(place.cwd, 'bad.env'), 'FINE=1\nCOLON: yaml\nKEY WITH SPACE=1\n')
    const refused = await slipway(place, 'config', 'set', '--env-file', 'bad.env')
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nothing is set[\s\S]*Line 2:[\s\S]*Line 3:/),
    })
    expect((await json('config')).map(({ key }: { key: string }) => key)).not.toContain('FINE')
    expect((await slipway(place, 'config', 'unset', 'EMPTY', 'HASH', 'PEM', 'QUOTED', '--no-wait')).code).toBe(0)
    expect((await slipway(place, 'config', 'set', 'PORT=1')).code).toBe(2)
  }, 180_000)

  it('runs a command once: its output, its exit code, and an end by Ctrl-C', async () => {
    const ok = await slipway(place, 'run', '--', 'node', '-e', 'console.log(process.env.GREETING)')
    expect([ok.code, ok.stdout]).toEqual([0, 'good day\n'])
    expect(ok.stderr).toContain('Running with v')
    expect((await slipway(place, 'run', '--', 'echo', '--json')).stdout).toBe('--json\n')
    const line = await slipway(place, 'run', '--json', 'echo "a  b" && exit 4')
    expect([
      line.code,
      line.stdout
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each)),
    ]).toEqual([4, [{ text: 'a  b' }, { exitCode: 4, failure: null }]])
    const running = follow(place, 'run', '--memory', '64Mi', '--', 'sh', '-c', 'echo begun; sleep 600')
    await running.until(/begun/)
    expect(await running.interrupt()).toBe(130)
    expect(running.stderr()).toContain('Stopping the command')
    const open = () => platform.database.db.client.run.count({ where: { endedAt: null } })
    await expect.poll(open, { timeout: 30_000 }).toBe(0)
    expect((await slipway(place, 'run')).code).toBe(2)
    expect((await slipway(place, 'run', '--timeout', '1s', '--', 'true')).code).toBe(2)
  }, 120_000)

  it('is scaled by the clock', async () => {
    expect((await slipway(place, 'schedules')).stdout).toMatch(/No schedules\. .*slipway schedules add/)
    const at = ['--at', '0 0 * * *', '--time-zone', 'Europe/Berlin']
    const added = await slipway(place, 'schedules', 'add', 'web=1', ...at)
    expect([added.code, added.stdout]).toEqual([0, expect.stringContaining('Scaled by schedule: 1 instance since')])
    expect(await json('schedules')).toEqual([
      { process: 'web', cron: '0 0 * * *', timeZone: 'Europe/Berlin', instances: 1 },
    ])
    expect((await slipway(place, 'schedules')).stdout).toMatch(/^0 0 \* \* \* +Europe\/Berlin +1 +\w+ .*00:00/m)
    expect((await slipway(place, 'ps')).stdout).toMatch(/Scaled by schedule: 1 instance/)
    expect(await slipway(place, 'schedules', 'add', 'web=1', '--at', 'at eight')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('“at eight” is not a cron expression.'),
    })
    expect((await slipway(place, 'schedules', 'add', 'web', ...at)).code).toBe(2)
    expect((await slipway(place, 'schedules', 'remove', 'web', '--at', '5 5 * * *')).code).toBe(4)
    expect((await slipway(place, 'schedules', 'remove', 'web', ...at)).stdout).toContain('Scaled by hand: 1 instance')
    expect(await json('schedules', 'clear', 'web')).toEqual([])
  })

  it('is scaled, up to its quota', async () => {
    expect(await json('scale', 'web=2', '--memory', '128Mi')).toMatchObject({
      processes: [{ name: 'web', instances: 2, memoryMiB: 128 }],
    })
    await platform.api().quota.set.mutate({ team: 'acme', limits: { cpuMillis: null, memoryMiB: null, instances: 4 } })
    const refused = await slipway(place, 'scale', 'web=50')
    expect(refused).toMatchObject({ code: 6, stderr: expect.stringMatching(/50|4/) })
    expect(await json('apps', 'info')).toMatchObject({ processes: [{ instances: 2 }] })
    // The new size rolls out first, with one instance more for a moment.
    const quota = async () => (await slipway(place, 'quota')).stdout
    await expect
      .poll(quota, { timeout: 60_000, interval: 1_000 })
      .toMatch(/^ +instances +2 instances +\S+.* 4 instances +2 instances of 4 instances of the team$/m)
    expect(await quota()).toMatch(/CPU in the cluster$/m)
    // Measured by the cluster, so it comes a moment later.
    await expect
      .poll(async () => (await json('quota')).team.used?.memoryMiB ?? 0, { timeout: 60_000, interval: 1_000 })
      .toBeGreaterThan(0)
    const none = { cpuMillis: null, memoryMiB: null, instances: null }
    await platform.api().quota.set.mutate({ team: 'acme', limits: none })
  })

  it('shows its log, and goes on with it', async () => {
    const { code, stdout } = await slipway(place, 'logs', '--tail', '5')
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(5)
    expect(stdout).toMatch(/^\S+Z web\[\w+\] tick \d+$/m)
    const second = stdout.trim().split('\n')[1] ?? ''
    const time = second.split(' ')[0] ?? ''
    const since = await slipway(place, 'logs', '--since', time)
    // Instances may print in the same millisecond: that time's lines come first, in any order, and none of an earlier one.
    const first = since.stdout.split('\n').filter((line) => line.startsWith(time))
    expect(first).toContain(second)
    expect(since.stdout.startsWith(time)).toBe(true)
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
  })

  it('compares releases; values are shown only when they are asked for', async () => {
    // v3 sets GREETING and EMPTY, v4 three more.
    const between = await slipway(place, 'releases', 'diff', 'v2', 'v3')
    expect(between.code).toBe(0)
    expect(between.stdout).toContain('From v2 to v3\nCommits: the same\nImage: the same\n')
    expect(between.stdout).toContain('  + GREETING 8 characters\n')
    const all = await slipway(place, 'releases', 'diff', 'v3', 'v4', '--values', '--manifests')
    expect(all.stdout).toContain('  + QUOTED it "works"\n')
    expect(all.stdout).toContain('+  QUOTED: •••••• (10 characters)')
    expect(await slipway(place, 'releases', 'diff', 'v1', 'v99')).toMatchObject({ code: 4 })
  })

  it('goes to another environment as it is, and is created there only where that is said', async () => {
    expect(await slipway(place, 'env', 'create', 'staging')).toMatchObject({ code: 0 })
    const refused = await slipway(place, 'promote', '--to', 'staging')
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('staging has no app') })
    const made = await slipway(place, 'promote', '--to', 'staging', '--release', 'v1', '--create')
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('v1 is live') })
    expect(made.stderr).toContain('v1: Promote v1 of production')
  }, 180_000)

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
  it('that cannot run ends in words, and in failure', async () => {
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
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^v1 is failing: .*acme\/proxy:1\.29 cannot be pulled/)])
    // With an OCI runtime the registry is asked; without one, only a real cluster runs such an image.
    expect(stdout).toMatch(/KUBECONFIG|can reach its registry/)
  }, 150_000)
})

it('signs out, and takes the token back', async () => {
  expect(await slipway(place, 'logout')).toMatchObject({ code: 0, stderr: '' })
  expect((await slipway(place, 'teams')).code).toBe(3)
  expect((await platform.api().token.list.query()).filter(({ name }) => name.startsWith('slipway on'))).toEqual([])
})
