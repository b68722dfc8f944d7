import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, say } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'

const OPENERS = process.platform === 'darwin' ? ['open'] : ['xdg-open', 'wslview', 'sensible-browser']

/** The program that opens addresses on this machine; null on servers. */
function findOpener(searchPath: string): string | null {
  for (const name of OPENERS)
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

/** Starts the opener and does not wait for it. Resolves to false when it could not be started. */
function launch(opener: string, url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { stdio: 'ignore', detached: true })
    child.on('error', () => resolve(false))
    child.on('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

function addressMissing(currentRelease: number | null, notConfigured: readonly string[]): string {
  if (currentRelease === null) return 'The app has no address yet. Deploy it first.'
  return (
    notConfigured.find((sentence) => /ingress/i.test(sentence)) ??
    'It has no web process; nothing answers at an address.'
  )
}

export function registerOpen(program: Command, runtime: Runtime): void {
  const { io, env } = runtime
  program
    .command('open')
    .description('Open the app in a browser; prints its address where there is none')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { url, notConfigured, currentRelease } = await api.app.get.query(ref)
        if (!url) {
          throw new AppError('not_configured', addressMissing(currentRelease, notConfigured))
        }
        const opener = io.json || !io.interactive ? null : findOpener(env.path)
        const opened = opener !== null && (await launch(opener, url))
        answer(io, { url, opened }, () => say(io, opened ? `Opening ${url}` : url))
      }),
    )
}
