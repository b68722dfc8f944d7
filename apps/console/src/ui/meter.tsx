import { cn } from './cn.ts'

interface MeterProps {
  /** What this measures, for screen readers. */
  label: string
  /** In words: "1200m of 4000m reserved". */
  text: string
  /** Parts of the whole, 0 to 1. `used` lies inside `reserved`. */
  used: number
  reserved: number
  className?: string
}

const percent = (share: number) => `${Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10}%`

/** How full a quota is: what is reserved, and inside it what runs. Amber from nine tenths, red when full. */
export function Meter({ label, text, used, reserved, className }: MeterProps) {
  const tone = reserved >= 1 ? 'bg-degraded' : reserved >= 0.9 ? 'bg-warning' : 'bg-accent'
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> can not show two amounts in one bar
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, reserved) * 100)}
      aria-valuetext={text}
      className={cn('relative h-1.5 overflow-hidden rounded-full bg-active', className)}
    >
      <div className={cn('absolute inset-y-0 left-0 opacity-40', tone)} style={{ width: percent(reserved) }} />
      <div className={cn('absolute inset-y-0 left-0', tone)} style={{ width: percent(used) }} />
    </div>
  )
}
