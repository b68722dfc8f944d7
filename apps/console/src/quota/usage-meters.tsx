import type { UsageView } from '@slipway/domain'
import { Meter } from '#ui/meter.tsx'
import { RESOURCE_NAMES, shortAmount, shortLimit, usageLines } from './usage.ts'

/** Used, reserved and left of each resource, as figures and as bars. */
export function UsageMeters({ usage, name }: { usage: UsageView; name: string }) {
  return (
    <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-3">
      {usageLines(usage).map((line) => (
        <div key={line.resource} className="min-w-0">
          <dt className="flex justify-between gap-2 text-xs">
            <span className="font-medium text-ink-2">{RESOURCE_NAMES[line.resource]}</span>
            <span className="truncate text-ink-3 tabular">
              {line.left === null ? 'no limit' : `${shortAmount(line.resource, line.left)} left`}
            </span>
          </dt>
          <dd className="mt-1">
            {line.limit !== null && (
              <Meter
                label={`${RESOURCE_NAMES[line.resource]} of ${name}`}
                text={line.text}
                used={line.usedShare}
                reserved={line.reservedShare}
                className="mb-1"
              />
            )}
            <p className="text-ink-3 text-xs tabular">
              <span className="text-ink-2">{shortAmount(line.resource, line.reserved)}</span> reserved
              {line.limit !== null && ` of ${shortLimit(line.resource, line.limit)}`},{' '}
              {shortAmount(line.resource, line.used)} in use
            </p>
          </dd>
        </div>
      ))}
    </dl>
  )
}
