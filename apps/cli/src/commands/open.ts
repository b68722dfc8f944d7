import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { openInBrowser } from '../browser.ts'
import { answer, say } from '../io.ts'
import { type Runtime, withApp } from '../runtime.ts'

function addressMissing(currentRelease: number | null, notConfigured: readonly string[]): string {
  if (currentRelease === null) return 'The app has no address yet. Deploy it first.'
  return (
    notConfigured.find((sentence) => /ingress/i.test(sentence)) ??
    'It has no web process; nothing answers at an address.'
  )
}

export function registerOpen(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('open')
    .description('Open the app in a browser; prints its address where there is none')
    .action((_options: unknown, command: Command) =>
      withApp(runtime, command, async ({ api }, ref) => {
        const { url, notConfigured, currentRelease } = await api.app.get.query(ref)
        if (!url) {
          throw new AppError('not_configured', addressMissing(currentRelease, notConfigured))
        }
        const opened = await openInBrowser(runtime, url)
        answer(io, { url, opened }, () => say(io, opened ? `Opening ${url}` : url))
      }),
    )
}
