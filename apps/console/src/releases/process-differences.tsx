import type { ProcessDifference } from '@slipway/domain'
import { BeforeAfter } from './before-after.tsx'
import { ChangeSign } from './change-sign.tsx'

/** The processes that differ, field by field. */
export function ProcessDifferences({ processes }: { processes: readonly ProcessDifference[] }) {
  if (processes.length === 0) return <p className="text-ink-3">The same processes.</p>
  return (
    <ul className="flex flex-col gap-1.5">
      {processes.map(({ name, change, fields }) => (
        <li key={name} className="min-w-0">
          <p className="break-all font-mono text-xs leading-5">
            <ChangeSign change={change} /> {name}
          </p>
          <dl className="pl-4 text-xs leading-5">
            {fields.map(({ field, before, after }) => (
              <div key={field} className="flex min-w-0 flex-wrap gap-x-2">
                <dt className="text-ink-3">{field}</dt>
                <dd className="min-w-0 font-mono text-ink-2">
                  <BeforeAfter before={before} after={after} />
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}
