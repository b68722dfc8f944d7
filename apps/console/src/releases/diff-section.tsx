import type { ReactNode } from 'react'
import { BeforeAfter } from './before-after.tsx'

/** Repository and the rest of an image's reference; a digest is shown by its beginning. */
function partsOf(image: string): { repository: string; version: string } {
  const [repository = '', digest] = image.split('@')
  return digest === undefined ? { repository: '', version: image } : { repository, version: digest.slice(0, 19) }
}

/** Registry names are long and mostly the same on both sides: then they stand once. */
export function ImageDifference({ before, after }: { before: string | null; after: string }) {
  if (before === after) return <p className="text-ink-3">The same image.</p>
  const [old, next] = [partsOf(before ?? ''), partsOf(after)]
  const isShared = old.repository !== '' && old.repository === next.repository
  return (
    <p className="font-mono text-xs leading-5">
      {isShared && <span className="block break-all text-ink-3">{old.repository}</span>}
      <BeforeAfter before={isShared ? old.version : before} after={isShared ? next.version : after} />
    </p>
  )
}

/** One part of a comparison with its name beside it. */
export function DiffSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section
      aria-label={title}
      className="grid min-w-0 gap-x-6 gap-y-1 py-3 first:pt-0 last:pb-0 sm:grid-cols-[7rem_minmax(0,1fr)]"
    >
      <h3 className="text-ink-3">{title}</h3>
      <div className="min-w-0">{children}</div>
    </section>
  )
}
