import { type AppRef, isReleaseCommandActive, type ReleaseView, releaseCommandWord } from '@slipway/domain'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { formatDuration } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { ReleaseCommandMark } from '#ui/status.tsx'

type Command = NonNullable<ReleaseView['command']>

/** How long a release's command took, or has taken so far. */
export function CommandDuration({ command }: { command: Command }) {
  const now = useNow(isReleaseCommandActive(command.status) ? 1_000 : null)
  if (command.startedAt === null) return null
  const endMs = command.endedAt === null ? now : Date.parse(command.endedAt)
  return <span suppressHydrationWarning>{formatDuration(Math.max(0, endMs - Date.parse(command.startedAt)))}</span>
}

/** How a command ended, in words; null while it has not. */
export function commandEnd({ status, exitCode, failure }: Command): string | null {
  if (isReleaseCommandActive(status)) return null
  if (failure !== null) return failure
  return status === 'succeeded' ? null : `It exited with code ${exitCode}.`
}

/** The command that a release runs before it is deployed: how it stands, and the way to its output. */
export function ReleaseCommandLine({ appRef, release }: { appRef: AppRef; release: ReleaseView }) {
  const { command, number } = release
  if (command === null) return null
  const label = `Output of the release command of v${number}, ${releaseCommandWord(command.status).toLowerCase()}`
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 text-ink-3 text-xs">
      <span>Release command</span>
      <ReleaseCommandMark status={command.status} />
      <CommandDuration command={command} />
      <Link href={paths.releaseLog(appRef, number)} aria-label={label} className="text-accent hover:underline">
        Output
      </Link>
    </p>
  )
}
