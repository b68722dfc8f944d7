import type { EnvironmentKind } from '@slipway/domain'
import { cn } from './cn.ts'

/** An environment's name with the colour of its kind: production stands out, the others stay quiet. */
export function EnvironmentTag({
  name,
  kind,
  className,
}: {
  name: string
  kind?: EnvironmentKind
  className?: string
}) {
  return (
    <span className={cn('inline-flex min-w-0 items-center gap-1.5', className)}>
      <span
        aria-hidden
        className={cn(
          'size-2 shrink-0',
          kind === 'production' ? 'rotate-45 bg-accent' : 'rounded-full border-2',
          kind === 'staging' && 'border-warning',
          kind === 'preview' && 'border-suspended',
          kind === undefined && 'border-line-strong',
        )}
      />
      <span className="truncate">{name}</span>
    </span>
  )
}
