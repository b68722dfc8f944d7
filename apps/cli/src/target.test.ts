import { AppError, type AppRef, type AppSummary } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { inferApp } from './target.ts'
import { isSameInstallation, parseGitRemote, parseInstallationUrl } from './url.ts'

const ref = (path: string): AppRef => {
  const [team = '', project = '', environment = '', app = ''] = path.split('/')
  return { team, project, environment, app }
}
const summary = (path: string): AppSummary => ({
  ref: ref(path),
  environmentKind: 'production',
  sourceKind: 'git',
  health: { status: 'Healthy', state: 'running', reason: 'Running', message: 'Running.', action: null },
  cause: null,
  url: null,
  instances: { ready: 1, wanted: 1 },
  lastRelease: null,
  activeBuild: null,
})
const list = async () => ['acme/shop/production/api', 'acme/shop/staging/api', 'acme/shop/production/web'].map(summary)
const none = async () => expect.fail('asked for the list of apps, which is not needed')
const url = 'http://localhost:3000'

describe('which app is meant', () => {
  it('a whole path is taken as it is', async () => {
    expect(await inferApp({ named: 'a/b/c/d', remote: null, url, list: none })).toEqual(ref('a/b/c/d'))
  })

  it('the end of a path, where it is one app only', async () => {
    expect(await inferApp({ named: 'web', remote: null, url, list })).toEqual(ref('acme/shop/production/web'))
    expect(await inferApp({ named: 'staging/api', remote: null, url, list })).toEqual(ref('acme/shop/staging/api'))
  })

  it('asks for more where it could be several, and names them', async () => {
    const asked = inferApp({ named: 'api', remote: null, url, list })
    await expect(asked).rejects.toThrow(/acme\/shop\/production\/api\n {2}acme\/shop\/staging\/api/)
    await expect(asked).rejects.toMatchObject({ code: 'invalid_input' })
  })

  it('says so where there is none', async () => {
    await expect(inferApp({ named: 'nope', remote: null, url, list })).rejects.toMatchObject({ code: 'not_found' })
    await expect(inferApp({ named: 'a//b', remote: null, url, list })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(inferApp({ named: null, remote: null, url, list: none })).rejects.toThrow(/--app/)
    await expect(inferApp({ named: null, remote: 'git@github.com:a/b.git', url, list: none })).rejects.toBeInstanceOf(
      AppError,
    )
  })

  it('the git remote, of the installation that is used', async () => {
    const remote = `${url}/git/acme/shop/production/api.git`
    expect(await inferApp({ named: null, remote, url, list: none })).toEqual(ref('acme/shop/production/api'))
    await expect(inferApp({ named: null, remote, url: 'https://other.example', list: none })).rejects.toThrow(
      /login --url http:\/\/localhost:3000/,
    )
  })
})

describe('addresses', () => {
  it.each([
    ['localhost:3000', 'http://localhost:3000'],
    ['slipway.localhost', 'http://slipway.localhost'],
    ['127.0.0.1:80', 'http://127.0.0.1'],
    ['slipway.example.com', 'https://slipway.example.com'],
    ['http://h:1/some/path', 'http://h:1'],
  ])('%s is %s', (text, origin) => {
    expect(parseInstallationUrl(text)).toBe(origin)
  })

  it('that are none are refused', () => {
    for (const wrong of ['', 'ftp://x', 'https://', 'a b'])
      expect(() => parseInstallationUrl(wrong)).toThrow(/not an address/)
  })

  it('of this machine are the same by each of its names, and no others', () => {
    expect(isSameInstallation('http://localhost:3000', 'http://127.0.0.1:3000')).toBe(true)
    expect(isSameInstallation('http://[::1]:3000', 'http://127.0.0.1:3000')).toBe(true)
    expect(isSameInstallation('http://localhost:3000', 'http://localhost:3001')).toBe(false)
    expect(isSameInstallation('http://a.example', 'http://b.example')).toBe(false)
    expect(isSameInstallation('http://localhost.evil.example', 'http://localhost')).toBe(false)
  })

  it('of git remotes, with credentials and without ending', () => {
    expect(parseGitRemote('https://any:slp_x@h.example/git/a/b/c/d')).toEqual({
      url: 'https://h.example',
      ref: ref('a/b/c/d'),
    })
    for (const other of ['https://github.com/a/b.git', 'nonsense', 'https://h/git/A/b/c/d.git'])
      expect(parseGitRemote(other)).toBeNull()
  })
})
