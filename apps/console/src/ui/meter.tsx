import { cn } from './cn.ts'

/** A part of the whole, 0 to 1, in the order in which the parts stand. */
export interface MeterPart {
  share: number
  className: string
}

interface MeterProps {
  /** What this measures, for screen readers. */
  label: string
  /** In words: "1200m reserved, 300m used, 2800m free of 4000m". */
  text: string
  /** What is taken, side by side. */
  parts: readonly MeterPart[]
  /** What is measured, as a thinner bar over the parts; null where nothing measures. */
  used: number | null
  className?: string
}

const percent = (share: number) => `${Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10}%`

/** How full something is: what is taken side by side, and over it what is really used. */
export function Meter({ label, text, parts, used, className }: MeterProps) {
  const taken = parts.reduce((sum, { share }) => sum + share, 0)
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot show two amounts in one bar
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(1, taken) * 100)}
      aria-valuetext={text}
      className={cn('relative flex h-2.5 overflow-hidden rounded-full bg-active', className)}
    >
      {parts.map(({ share, className: look }) => (
        <div key={look} className={look} style={{ width: percent(share) }} />
      ))}
      {used !== null && used > 0 && (
        <div className="absolute inset-y-[3px] left-0 min-w-1 rounded-full bg-ink" style={{ width: percent(used) }} />
      )}
    </div>
  )
}
