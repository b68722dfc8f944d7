/** What was and what is, in one line; null where there is none. */
export function BeforeAfter({ before, after }: { before: string | null; after: string | null }) {
  return (
    <span className="min-w-0 break-all">
      {before !== null && <del className="text-ink-3 no-underline">{before === '' ? '(empty)' : before}</del>}
      {before !== null && after !== null && (
        <>
          <span aria-hidden> → </span>
          <span className="sr-only"> becomes </span>
        </>
      )}
      {after !== null && <ins className="no-underline">{after === '' ? '(empty)' : after}</ins>}
      {before !== null && after === null && <span className="text-ink-3"> (removed)</span>}
    </span>
  )
}
