import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHarness, type Harness } from './testing/harness.ts'

const CASES = path.join(import.meta.dirname, '../test-data/cases')
const folder = (name: string) => path.join(CASES, name)

let harness: Harness
beforeAll(async () => {
  harness = await createHarness()
})
afterAll(() => harness.close())

interface Seen {
  node: string
  argv: string[]
  env: Record<string, string>
}
const see = async (url: string): Promise<Seen> => (await fetch(url)).json() as Promise<Seen>
const warnings = (lines: readonly string[]) => lines.filter((line) => line.startsWith(' !'))

// Inputs that failed once; each stands for a kind of fault.
describe.concurrent('cases', () => {
  it('benv: the build sees the config vars that were chosen for it', async () => {
    const vars = { NEXT_PUBLIC_API: 'https://api.example.com', SOURCE_VERSION: 'abc123' }
    const { lines } = await harness.build(folder('benv'), { vars })
    expect(lines.join('\n')).toContain('API at build: https://api.example.com NODE_ENV production SRC abc123')
  })

  it('engines, engstrict: another Node.js is built with and goes into the image, with an npm that fits', async () => {
    for (const name of ['engines', 'engstrict']) {
      const { image, lines } = await harness.build(folder(name), { cache: 'engines' })
      expect(lines).toContainEqual(expect.stringMatching(/Using Node\.js 18\.\S+ and npm 9\./))
      expect((await see(await harness.start(image))).node).toMatch(/^v18\./)
      expect(warnings(lines)).toEqual([])
    }
  }, 180_000)

  it('engines: a version that cannot be had is one warning that names both', async () => {
    const files = {
      'package.json': '{"engines":{"node":"999.x"},"scripts":{"start":"node server.js"}}',
      'server.js': '',
    }
    const { lines } = await harness.build(files)
    expect(warnings(lines)).toEqual([
      ` !     package.json asks for Node.js 999.x; this build runs on ${process.versions.node}.`,
    ])
  })

  it('husky: a prepare script finds its devDependency, and the image does without it', async () => {
    const { image } = await harness.build(folder('husky'))
    expect((await see(await harness.start(image))).argv[1]).toContain('server.js')
    const names = await harness.list(image, 'app/node_modules')
    expect(names).toEqual(expect.arrayContaining(['ms']))
    expect(names).not.toContain('husky')
  })

  it('j-bom: a byte order mark in package.json', async () => {
    const { image } = await harness.build(folder('j-bom'))
    expect((await see(await harness.start(image))).node).toBe(process.version)
  })

  it('env1, p-env: commands of a Procfile as a shell reads them', async () => {
    const { built, image } = await harness.build(folder('p-env'))
    expect(built.processes[0]?.command.at(-1)).toContain('GREETING="hi there" NODE_OPTIONS=--no-warnings exec node')
    const seen = await see(await harness.start(image))
    expect(seen.env.GREETING).toBe('hi there')
    expect(seen.argv).toContain(seen.env.PORT)
    expect((await harness.build(folder('env1'))).built.processes).toHaveLength(1)
  })

  it('p-worker: no web process is none', async () => {
    expect((await harness.build(folder('p-worker'))).built.processes).toEqual([
      expect.objectContaining({ name: 'worker', kind: 'worker' }),
    ])
  })

  it('pnpmbuild, pnquiet: the manager is there for the build and in the image; its own reason is said', async () => {
    const { image, lines } = await harness.build(folder('pnpmbuild'), { cache: 'pnpm' })
    expect(lines.join('\n')).toContain('compiled')
    expect(lines).toContainEqual(expect.stringContaining('pnpm 10.2.0'))
    expect((await see(await harness.start(image, ['pnpm', 'start']))).node).toBe(process.version)
    const failed = await harness.failure(folder('pnquiet'), { cache: 'pnpm' })
    expect(failed.lines.join('\n')).toContain('THE REASON IS HERE')
    expect(failed.said).toMatch(/^Installing the dependencies failed: .*dep.*THE REASON IS HERE\./)
  }, 180_000)

  it('relp: a release process is one, and not what the image starts', async () => {
    const { built, lines } = await harness.build(folder('relp'))
    expect(built.processes.map(({ name, kind }) => [name, kind])).toEqual([
      ['web', 'web'],
      ['release', 'release'],
    ])
    expect(warnings(lines)).toEqual([])
  })

  it('submod: an empty submodule is refused in words', async () => {
    const { said } = await harness.failure(folder('submod'))
    expect(said).toMatch(/The submodule theme \(\.\.\/theme\.git\) is empty/)
  })

  it('twolocks: two lockfiles are refused, naming both', async () => {
    expect((await harness.failure(folder('twolocks'))).said).toMatch(/package-lock\.json and yarn\.lock.*Keep the one/)
  })
})

describe.concurrent('what the source says is followed or answered', () => {
  const app = { 'package.json': '{"scripts":{"start":"node server.js"}}', 'server.js': '' }

  it('.slugignore removes files before the build', async () => {
    const { image } = await harness.build({
      ...app,
      '.slugignore': '*.psd\n/docs/\n',
      'a.psd': '',
      'docs/x.md': '',
      'src/docs/y.md': '',
    })
    const names = await harness.list(image, 'app')
    expect(names).not.toContain('a.psd')
    expect(names).not.toContain('docs')
    expect(names).toContain('src')
  })

  it('git LFS pointers are refused, naming the files', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n'
    const { said } = await harness.failure({
      ...app,
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'model.bin': pointer,
    })
    expect(said).toMatch(/git LFS pointers instead of files: model\.bin/)
  })

  it('app.json is one warning line', async () => {
    const { lines } = await harness.build({
      ...app,
      'app.json': '{"env":{"TOKEN":{}},"scripts":{"postdeploy":"node seed.js"}}',
    })
    expect(warnings(lines)).toEqual([
      ' !     app.json is not followed: set TOKEN as config vars yourself; run "node seed.js" yourself (scripts.postdeploy).',
    ])
  })

  it('a root directory', async () => {
    const files = {
      'README.md': '',
      'apps/web/package.json': '{"scripts":{"start":"node server.js"}}',
      'apps/web/server.js': '',
    }
    const { image } = await harness.build(files, { settings: { rootDirectory: 'apps/web' } })
    expect(await harness.list(image, 'app')).toContain('server.js')
    expect((await harness.failure(files, { settings: { rootDirectory: 'apps/wbe' } })).said).toMatch(
      /apps\/wbe does not exist\. The repository has apps\/web\./,
    )
  })
})
