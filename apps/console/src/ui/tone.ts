/** The five status hues, and the neutral one. */
export type Tone = 'healthy' | 'progressing' | 'degraded' | 'warning' | 'suspended' | 'neutral'

/** Text colour of a tone. */
export const toneText: Record<Tone, string> = {
  healthy: 'text-healthy',
  progressing: 'text-progressing',
  degraded: 'text-degraded',
  warning: 'text-warning',
  suspended: 'text-suspended',
  neutral: 'text-ink-2',
}

/** Tinted box of a tone: background, border and text. */
export const toneBox: Record<Tone, string> = {
  healthy: 'bg-healthy-soft border-healthy-line text-healthy',
  progressing: 'bg-progressing-soft border-progressing-line text-progressing',
  degraded: 'bg-degraded-soft border-degraded-line text-degraded',
  warning: 'bg-warning-soft border-warning-line text-warning',
  suspended: 'bg-suspended-soft border-suspended-line text-suspended',
  neutral: 'bg-sunken border-line text-ink-2',
}
