import { BuildFailure } from '../../failure.ts'
import { isFile, readText } from '../../files.ts'
import { type Framework, type FrameworkSource, frameworkOf, isDevServer, OUTPUT_DIRS } from './frameworks.ts'
import { allDependencies, type Manifest } from './manifest.ts'
import type { Package } from './workspace.ts'

/** How an app will start, known before anything is installed. */
export type Start =
  /** As the Procfile says. */
  | { kind: 'procfile' }
  /** A line for the shell; `script`: the name of the script that it is. `output`: a file that the build must have made. */
  | { kind: 'command'; line: string; script: string | null; output: string | null; title: string }
  /** Static output in the first of these folders that has an index.html. */
  | { kind: 'static'; folders: string[]; spa: boolean; title: string }

const ENTRY_FILES = [
  'server.js',
  'index.js',
  'app.js',
  'main.js',
  'server.mjs',
  'index.mjs',
  'server.ts',
  'index.ts',
  'main.ts',
  'app.ts',
]
const SOURCES = ['server', 'index', 'main', 'app']
/** Packages of an app that serves its pages itself. */
const SERVERS = ['express', 'fastify', 'koa', 'hono', '@hono/node-server', 'polka', '@hapi/hapi', 'restify']
const COMPILERS = /(^|[\s&;])(tsc|swc|tsup|esbuild|tsdown|ncc)\b/
/** Adapters that build for one platform, which is not this one. */
const FOREIGN_ADAPTERS = /^@(sveltejs|astrojs)\/(adapter-)?(vercel|netlify|cloudflare(-workers)?|begin)$/

/**
 * Finds out how an app starts, as a person would who reads its package.json. Null: it does not.
 * @throws BuildFailure for an adapter that builds for another platform
 */
export async function findStart({ dir, manifest }: Package): Promise<Start | null> {
  const { scripts } = manifest
  const framework = frameworkOf(allDependencies(manifest))
  const source = await sourceOf(dir, manifest, framework)
  const script = (name: string): Start => ({
    kind: 'command',
    line: scripts[name] ?? '',
    script: name,
    output: null,
    title: `the script "${name}"`,
  })
  if (scripts['start:prod'] !== undefined) return script('start:prod')
  const ssr = Object.keys(scripts).find((name) => name.startsWith('serve:ssr'))
  if (ssr !== undefined) return script(ssr)
  if (scripts.start !== undefined && !isDevServer(scripts.start)) return script('start')
  refuseForeignAdapter(manifest)
  const server = framework?.server?.(source) ?? null
  if (framework !== null && server !== null) {
    const [program, output] = server.split(' ')
    return {
      kind: 'command',
      line: server,
      script: null,
      output: program === 'node' ? (output ?? null) : null,
      title: framework.title,
    }
  }
  const isServed = framework?.output !== undefined && buildScript(manifest) !== null
  if (isServed && !SERVERS.some(source.has)) return staticOutput(framework, source)
  return (
    (await entryFile(dir, manifest)) ??
    (await builtPages(dir, manifest)) ??
    (scripts.start === undefined ? null : script('start'))
  )
}

/** The script that builds; Heroku's own name first. */
export const buildScript = ({ scripts }: Manifest): string | null =>
  ['heroku-postbuild', 'build'].find((name) => scripts[name] !== undefined) ?? null

async function sourceOf(dir: string, manifest: Manifest, framework: Framework | null): Promise<FrameworkSource> {
  const dependencies = allDependencies(manifest)
  const names = ['vite.config', 'next.config', 'svelte.config', 'react-router.config', 'astro.config']
  const wanted = new Set([
    ...(framework?.settings?.files ?? []),
    ...names.flatMap((name) => ['.ts', '.js', '.mjs', '.mts', '.cjs'].map((end) => name + end)),
  ])
  const texts = new Map(await Promise.all([...wanted].map(async (file) => [file, await readText(dir, file)] as const)))
  return {
    has: (name) => name in dependencies,
    script: (name) => manifest.scripts[name] ?? '',
    text: (...files) => files.map((file) => texts.get(file)).find((text) => text !== null && text !== undefined) ?? '',
  }
}

function staticOutput(framework: Framework, source: FrameworkSource): Start {
  const named = framework.settings?.folder.exec(source.text(...framework.settings.files))?.[1]?.replace(/^\.\//, '')
  const folders = [...(named === undefined || named.startsWith('..') ? [] : [named]), ...(framework.output ?? [])]
  return {
    kind: 'static',
    folders: [...new Set([...folders, ...OUTPUT_DIRS])],
    spa: framework.spa ?? false,
    title: framework.title,
  }
}

/** `main`, or a file that servers are usually in; also what a compiler makes of it. */
async function entryFile(dir: string, manifest: Manifest): Promise<Start | null> {
  const start = (file: string, output: string | null = null): Start => ({
    kind: 'command',
    line: `node ${file}`,
    script: null,
    output,
    title: file,
  })
  const main = manifest.main?.replace(/^\.\//, '')
  for (const file of [main, ...ENTRY_FILES]) if (file !== undefined && (await isFile(dir, file))) return start(file)
  // Below src/ it may as well be a page's code: only an app that has a server's package starts there.
  if (SERVERS.some((name) => name in manifest.dependencies))
    for (const name of SOURCES) if (await isFile(dir, `src/${name}.js`)) return start(`src/${name}.js`)
  const build = buildScript(manifest)
  if (build === null) return null
  if (main !== undefined && /\.[cm]?js$/.test(main)) return start(main, main)
  if (!COMPILERS.test(manifest.scripts[build] ?? '')) return null
  const folder =
    /"outDir"\s*:\s*"(?:\.\/)?([^"]+?)\/?"/.exec((await readText(dir, 'tsconfig.json')) ?? '')?.[1] ?? 'dist'
  for (const name of SOURCES) {
    if (await isFile(dir, `src/${name}.ts`)) return start(`${folder}/${name}.js`, `${folder}/${name}.js`)
  }
  return null
}

/** Pages that are there already, or that a build script of unknown kind makes. */
async function builtPages(dir: string, manifest: Manifest): Promise<Start | null> {
  const build = buildScript(manifest)
  if (build !== null && !COMPILERS.test(manifest.scripts[build] ?? '')) {
    return { kind: 'static', folders: [...OUTPUT_DIRS, '.'], spa: false, title: 'static output' }
  }
  for (const folder of ['.', ...OUTPUT_DIRS]) {
    if (await isFile(dir, `${folder}/index.html`))
      return { kind: 'static', folders: [folder], spa: false, title: 'static pages' }
  }
  return null
}

function refuseForeignAdapter(manifest: Manifest): void {
  const names = Object.keys(allDependencies(manifest))
  const adapter = names.find((name) => FOREIGN_ADAPTERS.test(name))
  if (adapter === undefined || names.includes('@astrojs/node') || names.includes('@sveltejs/adapter-node')) return
  const [scope = ''] = adapter.split('/')
  throw new BuildFailure(
    `The app uses ${adapter}, which builds for another platform.`,
    `Use ${scope === '@astrojs' ? '@astrojs/node' : '@sveltejs/adapter-node'} instead, and push again.`,
  )
}
