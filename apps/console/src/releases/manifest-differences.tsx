import type { ManifestDifference, ReleaseDiffView } from '@slipway/domain'
import { ChevronRight } from 'lucide-react'
import { cn } from '#ui/cn.ts'
import { ScrollBox } from '#ui/scroll-box.tsx'
import { ChangeSign } from './change-sign.tsx'

function lineClass(line: string): string {
  if (/^(\+\+\+|---|@@)/.test(line)) return 'text-ink-3'
  if (line.startsWith('+')) return 'bg-healthy-soft text-healthy'
  if (line.startsWith('-')) return 'bg-degraded-soft text-degraded'
  return 'text-ink-2'
}

/** Lines of a unified diff: their signs tell what the colours do. */
function DiffLines({ difference: { kind, name, diff } }: { difference: ManifestDifference }) {
  return (
    <ScrollBox label={`Difference of ${kind} ${name}`} className="max-h-96 overflow-y-auto rounded-md border bg-sunken">
      <pre className="w-max min-w-full py-2 font-mono text-xs leading-5">
        {diff.split('\n').map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text
          <div key={index} className={cn('px-3', lineClass(line))}>
            {line || ' '}
          </div>
        ))}
      </pre>
    </ScrollBox>
  )
}

const countOf = (diff: string, sign: RegExp) => diff.split('\n').filter((line) => sign.test(line)).length

/** What Kubernetes gets otherwise, object by object; each unfolds to its unified diff. */
export function ManifestDifferences({ manifests: { objects, note } }: { manifests: ReleaseDiffView['manifests'] }) {
  if (objects.length === 0) return <p className="text-ink-3">The same objects.</p>
  return (
    <div className="flex flex-col gap-1">
      {objects.map((each) => (
        <details key={`${each.kind}/${each.name}`} className="group min-w-0">
          <summary className="flex min-w-0 cursor-pointer flex-wrap items-center gap-x-2 rounded-sm py-0.5 [&::-webkit-details-marker]:hidden">
            <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-3 group-open:rotate-90" />
            <span className="font-mono text-xs">
              <ChangeSign change={each.change} />
            </span>
            <span>{each.kind}</span>
            <span className="min-w-0 break-all font-mono text-ink-2 text-xs">{each.name}</span>
            <span className="text-xs tabular">
              <span className="text-healthy">+{countOf(each.diff, /^\+(?!\+\+ )/)}</span>{' '}
              <span className="text-degraded">−{countOf(each.diff, /^-(?!-- )/)}</span>
            </span>
          </summary>
          <div className="mt-1 mb-2">
            <DiffLines difference={each} />
          </div>
        </details>
      ))}
      {note && <p className="text-ink-3">{note}</p>}
    </div>
  )
}
