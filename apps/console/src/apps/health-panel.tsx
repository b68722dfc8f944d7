'use client'

import type { AppView, WhyView } from '@slipway/domain'
import { Wrench } from 'lucide-react'
import { cn } from '#ui/cn.ts'
import { Glow } from '#ui/glow.tsx'
import { ScrollBox } from '#ui/scroll-box.tsx'
import { AppHealthMark, healthTone } from '#ui/status.tsx'
import { toneBox } from '#ui/tone.ts'
import { LogText } from '../logs/log-text.tsx'
import { RepairButtons } from './repair-buttons.tsx'

function Why({ app, why }: { app: AppView; why: WhyView }) {
  return (
    <section aria-label="Why isn't it live?" className="border-t">
      <div className="flex flex-col gap-3 p-4">
        {why.sentence !== app.health.message && <p className="break-words font-medium text-base">{why.sentence}</p>}
        <p className="flex items-start gap-2 text-ink-2 text-sm">
          <Wrench aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
          <span className="min-w-0 break-words">{why.action}</span>
        </p>
        {why.logTail.length > 0 && (
          <ScrollBox label="Last log lines" className="rounded-md border bg-sunken py-2">
            <ol className="font-mono text-xs leading-5">
              {why.logTail.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a fixed excerpt
                <li key={index} className="min-h-5 whitespace-pre px-3">
                  <LogText text={line} />
                </li>
              ))}
            </ol>
          </ScrollBox>
        )}
        {why.detail && (
          <details className="text-sm">
            <summary className="cursor-pointer text-ink-3 text-xs hover:text-ink">More</summary>
            <p className="mt-1 break-words font-mono text-ink-2 text-xs">{why.detail}</p>
          </details>
        )}
        <RepairButtons app={app} why={why} />
      </div>
    </section>
  )
}

/** How the app is in one sentence, and why it isn't live where it isn't. */
export function HealthPanel({ app }: { app: AppView }) {
  const { health, why } = app
  return (
    <section
      aria-label="Health"
      className={cn(
        'overflow-hidden rounded-lg border bg-surface',
        why && health.status === 'Degraded' && 'border-degraded-line',
      )}
    >
      <div className={cn('flex items-start gap-x-2.5 px-4 py-3', why && toneBox[healthTone(health.status)])}>
        <AppHealthMark app={app} iconOnly className="mt-1" />
        <p className="min-w-0 break-words text-base text-ink" aria-live="polite">
          <Glow value={health.message}>{health.message}</Glow>
        </p>
      </div>
      {why ? (
        <Why app={app} why={why} />
      ) : (
        health.action && <p className="border-t px-4 py-2.5 text-ink-2 text-sm">{health.action}</p>
      )}
    </section>
  )
}
