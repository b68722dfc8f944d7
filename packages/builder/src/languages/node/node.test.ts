import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness, type Harness } from '../../testing/harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(() => harness.close())

const SERVER = "require('http').createServer((q, r) => r.end('hello from ' + process.cwd())).listen(process.env.PORT)"
const USES_MS =
  "const ms = require('ms'); require('http').createServer((q, r) => r.end(String(ms('1d')))).listen(process.env.PORT)"
const json = (value: unknown) => JSON.stringify(value)
const text = async (url: string) => (await fetch(url)).text()

const managed = (fields: object) => ({
  'package.json': json({
    name: 'x',
    version: '1.0.0',
    scripts: { start: 'node server.js' },
    dependencies: { ms: '2.1.3' },
    devDependencies: { once: '1.4.0' },
    ...fields,
  }),
  'server.js': USES_MS,
})
const INTEGRITY = 'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=='
const NPM_LOCK = json({
  name: 'x',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'x', version: '1.0.0', dependencies: { ms: '2.1.3' } },
    'node_modules/ms': { version: '2.1.3', integrity: INTEGRITY },
  },
})

describe('package managers', () => {
  it.each([['yarn@1.22.22'], ['yarn@4.5.0'], ['pnpm@10.2.0'], ['bun@1.4.5']])(
    '%s builds, and is there when the app runs; packages for development are not',
    async (packageManager) => {
      const name = packageManager.split('@')[0] ?? ''
      const scripts = { start: 'node server.js', build: `${name} run compile`, compile: 'echo compiled' }
      const { image, lines } = await harness.build(managed({ packageManager, scripts }))
      expect(lines.join('\n')).toContain('compiled')
      expect(await text(await harness.start(image))).toBe('86400000')
      expect(await text(await harness.start(image, [name, 'run', 'start']))).toBe('86400000')
      const modules = await harness.list(image, 'app/node_modules')
      expect(modules).toContain('ms')
      expect(modules).not.toContain('once')
    },
    120_000,
  )

  it("runs Yarn's Plug'n'Play without node_modules", async () => {
    const files = { ...managed({ packageManager: 'yarn@4.5.0' }), '.yarnrc.yml': 'nodeLinker: pnp\n' }
    const { built, image } = await harness.build(files)
    expect(built.processes[0]?.command).toEqual(['yarn', 'run', 'start'])
    expect(await harness.list(image, 'app')).not.toContain('node_modules')
    expect(await text(await harness.start(image))).toBe('86400000')
  })

  it('follows the lockfile and names both where package.json asks for another', async () => {
    const files = { ...managed({ packageManager: 'pnpm@10.2.0', devDependencies: {} }), 'package-lock.json': NPM_LOCK }
    const { lines } = await harness.build(files)
    expect(lines).toContain(
      " !     package.json asks for pnpm@10.2.0; the lockfile package-lock.json is npm's, which this build uses.",
    )
  })
})

describe('the second build', () => {
  it('takes over what was installed and packed, and gives the same image', async () => {
    const files = { ...managed({ devDependencies: {} }), 'package-lock.json': NPM_LOCK }
    const first = await harness.build(files, { cache: 'twice' })
    expect(first.lines).toContain('-----> Installing dependencies (npm)')
    const second = await harness.build(files, { cache: 'twice' })
    expect(second.lines).toContain('-----> Using the dependencies of an earlier build (npm)')
    expect(second.built.digest).toBe(first.built.digest)
    const other = NPM_LOCK.replaceAll('2.1.3', '2.1.2').replace(INTEGRITY, '')
    const changed = await harness.build(
      { ...managed({ dependencies: { ms: '2.1.2' }, devDependencies: {} }), 'package-lock.json': other },
      { cache: 'twice' },
    )
    expect(changed.lines).toContain('-----> Installing dependencies (npm)')
  })

  it('installs nothing for the same package.json without a lockfile, as npm would', async () => {
    const files = managed({ devDependencies: {} })
    const first = await harness.build(files, { cache: 'no-lock' })
    const second = await harness.build(files, { cache: 'no-lock' })
    expect(second.lines).toContain('-----> Using the dependencies of an earlier build (npm)')
    expect(second.built.digest).toBe(first.built.digest)
    const changed = await harness.build(managed({ dependencies: { ms: '2.1.2' }, devDependencies: {} }), {
      cache: 'no-lock',
    })
    expect(changed.lines).toContain('-----> Installing dependencies (npm)')
  })

  it('runs the scripts of the app though nothing is installed', async () => {
    const scripts = { start: 'node server.js', postinstall: 'echo generated > made.txt' }
    const files = { ...managed({ scripts, devDependencies: {} }), 'package-lock.json': NPM_LOCK }
    await harness.build(files, { cache: 'scripts' })
    const { image } = await harness.build(files, { cache: 'scripts' })
    expect(await harness.list(image, 'app')).toContain('made.txt')
  })

  it('keeps what was installed when the build fails', async () => {
    const scripts = { start: 'node server.js', build: 'exit 1' }
    const files = { ...managed({ scripts, devDependencies: {} }), 'package-lock.json': NPM_LOCK }
    await harness.failure(files, { cache: 'broken' })
    const { said, lines } = await harness.failure(files, { cache: 'broken' })
    expect(lines).toContain('-----> Using the dependencies of an earlier build (npm)')
    expect(said).toBe(
      'The build script failed: npm run build ended with code 1 without printing why. Run "npm run build" on your machine to see it there, correct it, and push again.',
    )
  })
})

describe('what starts', () => {
  it('serves what Vite made, with its own routes', async () => {
    const { image, lines } = await harness.build(
      {
        'package.json': json({ scripts: { start: 'vite', build: 'vite build' }, devDependencies: { vite: '7' } }),
        'index.html': '<!doctype html><div id=app></div><script type=module src=/main.js></script>',
        'main.js': 'document.title = import.meta.env.VITE_NAME',
      },
      { vars: { VITE_NAME: 'the-name' } },
    )
    expect(lines.join('\n')).toContain('SPA fallback')
    const url = await harness.start(image)
    const page = await text(`${url}/some/route`)
    expect(page).toContain('id=app')
    expect(await text(url + /src="([^"]+)"/.exec(page)?.[1])).toContain('the-name')
    expect((await fetch(`${url}/missing.js`)).status).toBe(404)
    expect(await harness.list(image, 'app')).not.toContain('package.json')
  })

  it('keeps devDependencies where the app starts with one of them', async () => {
    const { image, lines } = await harness.build({
      'package.json': json({
        scripts: { start: 'semver 1.2.3 && node server.js' },
        devDependencies: { semver: '7.6.0' },
      }),
      'server.js': SERVER,
    })
    expect(lines).toContain('       devDependencies stay in the image: the app starts with semver')
    await harness.start(image)
  })

  it('installs a folder of its own with all that its build needs', async () => {
    const { lines } = await harness.build({
      'package.json': json({
        scripts: { start: 'node server.js', 'heroku-postbuild': 'cd client && npm install && npm run build' },
      }),
      'server.js': SERVER,
      'client/package.json': json({ scripts: { build: 'semver 1.2.3' }, devDependencies: { semver: '7.6.0' } }),
    })
    expect(lines).toContain('       1.2.3')
  })

  it('says which program is nowhere, before the build', async () => {
    const { said, lines } = await harness.failure({
      'package.json': json({ scripts: { start: 'nestt start -- x', build: 'echo never' } }),
    })
    expect(said).toMatch(/starts with "nestt", which none of its dependencies provides/)
    expect(lines.join('\n')).not.toContain('never')
  })

  it('refuses before the installation what cannot be started', async () => {
    const { said, lines } = await harness.failure({ 'package.json': json({ dependencies: { ms: '2.1.3' } }) })
    expect(said).toMatch(/does not know how to start this app/)
    expect(lines.join('\n')).not.toContain('Installing')
  })
})

describe('workspaces', () => {
  const workspace = (fields: object, apps: string[]) => ({
    'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', 'packages/*'], ...fields }),
    'packages/lib/package.json': json({
      name: '@x/lib',
      version: '1.0.0',
      main: 'dist/index.js',
      scripts: { build: 'mkdir -p dist && cp index.js dist/' },
      dependencies: { ms: '2.1.3' },
    }),
    'packages/lib/index.js': "module.exports = require('ms')",
    ...Object.fromEntries(
      apps.flatMap((app) => [
        [
          `apps/${app}/package.json`,
          json({
            name: app,
            version: '1.0.0',
            scripts: { start: 'node server.js' },
            dependencies: { '@x/lib': '*' },
            devDependencies: { once: '1.4.0' },
          }),
        ],
        [`apps/${app}/server.js`, USES_MS.replace("'ms'", "'@x/lib'")],
      ]),
    ),
  })

  it('starts the one app, its packages built before it', async () => {
    const { image, lines } = await harness.build(workspace({}, ['web']))
    expect(lines.join('\n')).toContain('Starting apps/web')
    expect(image.config.WorkingDir).toBe('/app/apps/web')
    expect(await text(await harness.start(image))).toBe('86400000')
    expect(await harness.list(image, 'app/node_modules')).not.toContain('once')
  })

  it('asks which app, naming them, and follows the root directory', async () => {
    const files = workspace({}, ['api', 'web'])
    expect((await harness.failure(files)).said).toMatch(
      /2 apps that can start: apps\/api, apps\/web\. Set the root directory/,
    )
    const { image } = await harness.build(files, { settings: { rootDirectory: 'apps/api' } })
    expect(await text(await harness.start(image))).toBe('86400000')
  })

  it('builds with Turborepo where it is used', async () => {
    const files = {
      ...workspace({ packageManager: `npm@11.0.0`, devDependencies: { turbo: '2' } }, ['web']),
      'turbo.json': json({ tasks: { build: { dependsOn: ['^build'] } } }),
      'apps/web/package.json': json({
        name: 'web',
        version: '1.0.0',
        scripts: { start: 'node server.js', build: 'echo web built' },
        dependencies: { '@x/lib': '*' },
      }),
    }
    const { image, lines } = await harness.build(files)
    expect(lines).toContain('-----> Building (turbo run build --filter=web)')
    expect(await text(await harness.start(image))).toBe('86400000')
  })
})
