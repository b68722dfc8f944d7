import type { CommitsBetween, CommitView } from '@slipway/domain'
import { Time } from '#ui/time.tsx'

function Commits({ title, commits }: { title: string | null; commits: readonly CommitView[] }) {
  if (commits.length === 0) return null
  return (
    <>
      {title && <p className="text-ink-2">{title}</p>}
      <ol className="flex flex-col gap-1">
        {commits.map(({ commit, subject, author, at }) => (
          <li key={commit} className="flex min-w-0 flex-wrap gap-x-2">
            <span className="font-mono text-ink-2 text-xs leading-5">{commit.slice(0, 7)}</span>
            <span className="min-w-0 flex-1 basis-40 break-words">{subject || 'No commit message'}</span>
            <span className="text-ink-3 text-xs leading-5">
              {author} · <Time at={at} />
            </span>
          </li>
        ))}
      </ol>
    </>
  )
}

/** The commits between two releases, with what is taken back where there is any. */
export function CommitList({ commits: { added, removed, hasMore, note } }: { commits: CommitsBetween }) {
  const isNothing = added.length === 0 && removed.length === 0
  return (
    <div className="flex flex-col gap-1.5">
      <Commits title={removed.length > 0 ? 'Added' : null} commits={added} />
      <Commits title="Taken back" commits={removed} />
      {isNothing && note === null && <p className="text-ink-3">The same commit.</p>}
      {hasMore && <p className="text-ink-3">Older commits are not listed.</p>}
      {note && <p className="text-ink-3">{note}</p>}
    </div>
  )
}
