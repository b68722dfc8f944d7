import { createHash, randomUUID } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isFile } from '../files.ts'
import { ADDED_DIR, APP_DIR, type BuildContext, type BuildResult, type ToolLayer } from '../plan.ts'

/** Folder of the image that holds the server; names that begin with a dot are not served. */
const SERVER = path.posix.join(ADDED_DIR, 'static')
/** sirv and what it imports, all without further dependencies. */
const SERVER_PACKAGES = ['sirv', '@polka/url', 'mrmime', 'totalist']

/**
 * The image of a site: its folder and our server, nothing of the source.
 * @param spa whether unknown paths are the app's own, where the settings leave that open
 */
export async function siteResult(context: BuildContext, folder: string, spa: boolean): Promise<BuildResult> {
  const fallback = await fallbackPage(context, folder, spa)
  const command = ['node', `${SERVER}/static-server.mjs`, '.']
  return {
    processes: [{ name: 'web', kind: 'web', command: fallback === null ? command : [...command, fallback] }],
    env: { NODE_ENV: 'production' },
    top: folder,
    workingDir: '',
    isDependency: () => false,
    tools: [await serverLayer(context.cacheDir)],
    runtime: { language: 'node', version: process.versions.node, layer: null },
  }
}

async function fallbackPage({ settings, log }: BuildContext, folder: string, spa: boolean): Promise<string | null> {
  const [has200, has404] = await Promise.all([isFile(folder, '200.html'), isFile(folder, '404.html')])
  const page = has200 ? '200.html' : 'index.html'
  const wanted = settings.spaFallback ?? (has200 || (spa && !has404))
  if (wanted) log.line(`Unknown paths are answered with ${page} (SPA fallback)`)
  return wanted ? page : null
}

async function serverLayer(cacheDir: string): Promise<ToolLayer> {
  const source = path.join(import.meta.dirname, 'static-server.mjs')
  const require = createRequire(import.meta.url)
  const sirv = require.resolve('sirv')
  const hash = createHash('sha256')
    .update(await readFile(source))
    .update(await readFile(sirv))
  const key = `static-${hash.digest('hex').slice(0, 16)}`
  const dir = path.join(cacheDir, 'tools', key)
  if (!(await isFile(dir, 'static-server.mjs'))) {
    const partial = `${dir}.${randomUUID()}.partial`
    await mkdir(partial, { recursive: true })
    await cp(source, path.join(partial, 'static-server.mjs'))
    const sirvRequire = createRequire(sirv)
    for (const name of SERVER_PACKAGES) {
      const entry = (name === 'sirv' ? require : sirvRequire).resolve(name)
      const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length)
      await cp(folder, path.join(partial, 'node_modules', name), { recursive: true, dereference: true })
    }
    await rename(partial, dir).catch((error: unknown) => {
      // Another build of the same app was first.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error
      return rm(partial, { recursive: true, force: true })
    })
  }
  return { dir, prefix: path.posix.join(APP_DIR, SERVER), key }
}
