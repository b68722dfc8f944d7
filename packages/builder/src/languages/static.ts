import { cp, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isFile } from '../files.ts'
import type { Language } from '../plan.ts'

/** Folder of the image that holds the server; names that begin with a dot are not served. */
const SERVER = '.slipway'
/** sirv and what it imports, all without further dependencies. */
const SERVER_PACKAGES = ['sirv', '@polka/url', 'mrmime', 'totalist']

/** Sites: an index.html, at the top or in public/. */
export const staticLanguage: Language = {
  name: 'Static site',
  detect: async (dir) => (await isFile(dir, 'index.html')) || (await isFile(dir, 'public/index.html')),
  async build({ dir, log }) {
    const root = (await isFile(dir, 'index.html')) ? '.' : 'public'
    log.step(`Serving ${root === '.' ? 'the whole tree' : 'public/'} with sirv`)
    await copyServer(path.join(dir, SERVER))
    return {
      processes: [{ name: 'web', kind: 'web', command: ['node', `${SERVER}/static-server.mjs`, root] }],
      missing: '',
      env: { NODE_ENV: 'production' },
      dependencyDirs: [SERVER],
    }
  },
}

async function copyServer(target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  await cp(path.join(import.meta.dirname, 'static-server.mjs'), path.join(target, 'static-server.mjs'))
  const require = createRequire(import.meta.url)
  const sirvRequire = createRequire(require.resolve('sirv'))
  for (const name of SERVER_PACKAGES) {
    const entry = (name === 'sirv' ? require : sirvRequire).resolve(name)
    const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length)
    await cp(folder, path.join(target, 'node_modules', name), { recursive: true, dereference: true })
  }
}
