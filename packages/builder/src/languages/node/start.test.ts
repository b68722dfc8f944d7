import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDevServer } from './frameworks.ts'
import { readManifest } from './manifest.ts'
import { programsOf } from './programs.ts'
import { findStart } from './start.ts'

let top: string
beforeAll(async () => {
  top = await mkdtemp(path.join(tmpdir(), 'node-start-'))
})
afterAll(() => rm(top, { recursive: true, force: true }))

let count = 0
async function start(manifest: object, files: Record<string, string> = {}) {
  const dir = path.join(top, String(++count))
  for (const [name, content] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true })
    await writeFile(path.join(dir, name), content)
  }
  const found = await findStart({ dir, manifest: await readManifest(dir) })
  if (found === null || found.kind === 'procfile') return null
  return found.kind === 'command' ? found.line : `${found.folders[0]}${found.spa ? ' (spa)' : ''}`
}
const needs = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '1']))
const build = { build: 'x' }

describe('how an app starts', () => {
  it.each<[string, object, Record<string, string>, string | null]>([
    [
      'start:prod before start',
      { scripts: { start: 'nest start', 'start:prod': 'node dist/main' } },
      {},
      'node dist/main',
    ],
    ['start', { scripts: { start: 'node app.js' } }, { 'server.js': '' }, 'node app.js'],
    ['main', { main: './lib/app.js' }, { 'lib/app.js': '', 'index.js': '' }, 'node lib/app.js'],
    ['server.js', {}, { 'server.js': '' }, 'node server.js'],
    [
      'what tsc makes',
      { scripts: { build: 'tsc -p .' } },
      { 'src/server.ts': '', 'tsconfig.json': '{"compilerOptions":{"outDir":"./lib"}}' },
      'node lib/server.js',
    ],
    ['Next.js', { scripts: { start: 'next dev', ...build }, dependencies: needs('next') }, {}, 'next start'],
    [
      'Next.js, exported',
      { scripts: build, dependencies: needs('next') },
      { 'next.config.mjs': "export default { output: 'export' }" },
      'out',
    ],
    [
      'Nuxt',
      { scripts: { build: 'nuxt build', start: 'nuxt preview' }, devDependencies: needs('nuxt') },
      {},
      'node .output/server/index.mjs',
    ],
    ['Nuxt, generated', { scripts: { build: 'nuxt generate' }, devDependencies: needs('nuxt') }, {}, '.output/public'],
    [
      'SvelteKit',
      { scripts: build, devDependencies: needs('@sveltejs/kit', '@sveltejs/adapter-node', 'vite') },
      {},
      'node build',
    ],
    [
      'SvelteKit, static',
      { scripts: build, devDependencies: needs('@sveltejs/kit', '@sveltejs/adapter-static', 'vite') },
      {},
      'build',
    ],
    ['Remix', { scripts: build, dependencies: needs('@remix-run/serve') }, {}, 'remix-serve ./build/server/index.js'],
    ['Astro', { scripts: { ...build, start: 'astro dev' }, dependencies: needs('astro') }, {}, 'dist'],
    [
      'Astro with a server',
      { scripts: build, dependencies: needs('astro', '@astrojs/node') },
      {},
      'node ./dist/server/entry.mjs',
    ],
    [
      'NestJS',
      { scripts: { ...build, start: 'nest start' }, dependencies: needs('@nestjs/core') },
      {},
      'node dist/main',
    ],
    [
      'Vite',
      { scripts: { ...build, start: 'vite' }, devDependencies: needs('vite') },
      { 'vite.config.ts': "export default { build: { outDir: 'public_html' } }" },
      'public_html (spa)',
    ],
    [
      'Vite with a server of its own',
      { scripts: build, dependencies: needs('express'), devDependencies: needs('vite') },
      { 'server.js': '' },
      'node server.js',
    ],
    [
      'Create React App',
      { scripts: { ...build, start: 'react-scripts start' }, dependencies: needs('react-scripts') },
      {},
      'build (spa)',
    ],
    [
      'Eleventy',
      { scripts: { ...build, start: 'eleventy --serve' }, devDependencies: needs('@11ty/eleventy') },
      {},
      '_site',
    ],
    ['Gatsby', { scripts: { ...build, start: 'gatsby develop' }, dependencies: needs('gatsby') }, {}, 'public'],
    [
      'Angular with a server',
      {
        scripts: { 'serve:ssr:shop': 'node dist/shop/server/server.mjs', start: 'ng serve', ...build },
        dependencies: needs('@angular/core'),
      },
      {},
      'node dist/shop/server/server.mjs',
    ],
    ['pages', {}, { 'index.html': '' }, '.'],
    ['a library', { scripts: { build: 'tsc' } }, { 'tsconfig.json': '{}' }, null],
    ['nothing', {}, {}, null],
  ])('%s', async (_what, manifest, files, expected) => {
    expect(await start(manifest, files)).toBe(expected)
  })

  it('refuses an adapter of another platform before anything is installed', async () => {
    await expect(
      start({ scripts: build, devDependencies: needs('@sveltejs/kit', '@sveltejs/adapter-vercel') }),
    ).rejects.toThrow('@sveltejs/adapter-vercel, which builds for another platform')
  })
})

describe('servers for development', () => {
  it.each([
    'vite',
    'vite --host',
    'next dev',
    'NODE_ENV=x ng serve',
    'npx webpack serve',
    'nest start --watch',
    'react-scripts start',
  ])('%s is one', (line) => {
    expect(isDevServer(line)).toBe(true)
  })
  it.each([
    'next start',
    'node server.js',
    'vite build && node server.js',
    'nodemon app.js',
    'serve -s build',
    'nest start -- x',
  ])('%s is none', (line) => {
    expect(isDevServer(line)).toBe(false)
  })
})

describe('the programs of a command', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['node server.js', {}, ['node']],
    ['NODE_ENV=production cross-env X=1 tsx watch a.ts', {}, ['cross-env', 'tsx']],
    ['npm run serve', { serve: 'sirv dist', preserve: 'rimraf x' }, ['sirv', 'rimraf', 'npm']],
    ['node -r ts-node/register --import @x/y/z app.ts', {}, ['ts-node', '@x/y', 'node']],
    ['prisma migrate deploy && next start -p $PORT', {}, ['prisma', 'next']],
    ['yarn start', { start: 'yarn start' }, ['yarn']],
  ])('%s', (line, scripts, expected) => {
    expect(programsOf(line, scripts)).toEqual(expected)
  })
})
