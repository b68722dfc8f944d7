import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import type { Runtime } from './runtime.ts'

/** Where there is no display these open a browser inside the terminal, or none. */
const WITH_DISPLAY = ['xdg-open', 'sensible-browser']
const OPENERS = process.platform === 'darwin' ? ['open'] : ['wslview']

/** The program that opens addresses on this machine; null on servers. */
function findOpener({ path: searchPath, hasDisplay }: Runtime['env']): string | null {
  for (const name of hasDisplay ? [...WITH_DISPLAY, ...OPENERS] : OPENERS)
    for (const directory of searchPath.split(path.delimiter)) {
      const candidate = path.join(directory, name)
      try {
        accessSync(candidate, constants.X_OK)
        return candidate
      } catch {
        // Not here: the next directory may have it.
      }
    }
  return null
}

/** Opens an address in a browser and does not wait for it. False where nobody would see one, or none could be started. */
export function openInBrowser({ io, env }: Runtime, url: string): Promise<boolean> {
  const opener = io.json || !io.interactive ? null : findOpener(env)
  if (opener === null) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { stdio: 'ignore', detached: true })
    child.on('error', () => resolve(false))
    child.on('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
