import type { CapacityView, StandingView } from '@slipway/domain'
import { cn } from '#ui/cn.ts'
import { Meter } from '#ui/meter.tsx'
import { RESOURCE_NAMES, shortAmount, type UsageLine, usageLines, type Whole } from './usage.ts'

const LOOK = { reserved: 'bg-accent/60', surge: 'bg-warning/60', elsewhere: 'bg-ink-3/50' } as const

const WHOLES: Record<Whole, string> = {
  environment: 'allocated',
  team: 'of the team',
  cluster: 'in the cluster',
}

const share = (amount: number, total: number) => (total > 0 ? amount / total : amount > 0 ? 1 : 0)

function Line({ line, name }: { line: UsageLine; name: string }) {
  const { resource, reserved, surge, elsewhere, used, free, total, whole } = line
  const amount = (value: number) => shortAmount(resource, value)
  return (
    <div className="min-w-0">
      <dt className="flex justify-between gap-2 text-xs">
        <span className="font-medium text-ink-2">{RESOURCE_NAMES[resource]}</span>
        {free !== null && total !== null && (
          <span className={cn('truncate tabular', free === 0 ? 'text-degraded' : 'text-ink-3')}>
            {amount(free)} free of {amount(total)} {WHOLES[whole]}
          </span>
        )}
      </dt>
      <dd className="mt-1.5">
        {total !== null && (
          <Meter
            label={`${RESOURCE_NAMES[resource]} of ${name}`}
            text={line.text}
            parts={[
              { share: share(reserved, total), className: LOOK.reserved },
              { share: share(surge, total), className: LOOK.surge },
              { share: share(elsewhere, total), className: LOOK.elsewhere },
            ]}
            used={used === null ? null : share(used, total)}
            className="mb-1.5"
          />
        )}
        <p className="text-ink-3 text-xs tabular">
          <span className="text-ink-2">{amount(reserved)}</span> reserved
          {surge > 0 && `, ${amount(surge)} rolling out`},{' '}
          {used === null ? (
            'use not measured'
          ) : (
            <>
              <span className="text-ink-2">{amount(used)}</span> used
            </>
          )}
        </p>
      </dd>
    </div>
  )
}

interface UsageMetersProps {
  usage: StandingView
  /** Null while the cluster is away. */
  capacity: CapacityView | null
  /** Whose it is, for screen readers. */
  name: string
}

/** Reserved, used and free of each resource, as figures and in one bar each. */
export function UsageMeters({ usage, capacity, name }: UsageMetersProps) {
  return (
    <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-3">
      {usageLines(usage, capacity).map((line) => (
        <Line key={line.resource} line={line} name={name} />
      ))}
    </dl>
  )
}

const LEGEND = [
  ['Reserved', 'what instances request', LOOK.reserved],
  ['Rolling out', 'one extra instance of each process while a release rolls out', LOOK.surge],
  ['Taken elsewhere', 'by others, or set aside by allocations', LOOK.elsewhere],
] as const

/** What the colours of the bars mean. */
export function UsageLegend({ measured }: { measured: boolean }) {
  const item = 'flex items-center gap-1.5'
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-ink-3 text-xs">
      {LEGEND.map(([label, about, look]) => (
        <li key={label} className={item} title={about}>
          <span aria-hidden className={cn('size-2.5 rounded-full', look)} />
          {label}
        </li>
      ))}
      <li className={item} title="as measured by the cluster; can be more than what is reserved">
        <span aria-hidden className="h-1 w-2.5 rounded-full bg-ink" />
        {measured ? 'Used, measured' : 'Used: not measured, no metrics server available'}
      </li>
      <li className={item}>
        <span aria-hidden className="size-2.5 rounded-full border bg-active" />
        Free
      </li>
    </ul>
  )
}
