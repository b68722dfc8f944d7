import type { ConfigChange } from '@slipway/domain'

const SIGNS: Record<ConfigChange['change'], { sign: string; className: string }> = {
  added: { sign: '+', className: 'text-healthy' },
  changed: { sign: '~', className: 'text-warning' },
  removed: { sign: '−', className: 'text-degraded' },
}

/** What became of something between two releases, as a sign that is read out as a word. */
export function ChangeSign({ change }: { change: ConfigChange['change'] }) {
  return (
    <>
      <span aria-hidden className={SIGNS[change].className}>
        {SIGNS[change].sign}
      </span>
      <span className="sr-only">{change}</span>
    </>
  )
}
