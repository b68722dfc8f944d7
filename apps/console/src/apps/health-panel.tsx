'use client'

import type { AppView, WhyView } from '@slipway/domain'
import { ArrowRight, Wrench } from 'lucide-react'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Glow } from '#ui/glow.tsx'
import { ScrollBox } from '#ui/scroll-box.tsx'
import { AppHealthMark, healthTone } from '#ui/status.tsx'
import { toneBox } from '#ui/tone.ts'
import { LogText } from '../logs/log-text.tsx'

/** Where the cause of a trouble is to be looked at. */
function whyLink(app: AppView, why: WhyView): { href: string; label: string } {
  if (why.build !== null) return { href: paths.build(app.ref, why.build), label: 'Open the build log' }
  const query = new URLSearchParams()
  if (why.instance) query.set('instance', why.instance)
  else if (why.process) query.set('process', why.process)
  return { href: `${paths.app(app.ref, 'logs')}${query.size > 0 ? `?${query}` : ''}`, label: 'Open the logs' }
}

function Why({ app, why }: { app: AppView; why: WhyView }) {
  const link = whyLink(app, why)
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
        <div className="flex flex-wrap gap-2">
          <Button asChild size="sm">
            <Link href={link.href}>
              {link.label}
              <ArrowRight aria-hidden />
            </Link>
          </Button>
        </div>
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
      <div
        className={cn(
          'flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3',
          why && toneBox[healthTone(health.status)],
        )}
      >
        <AppHealthMark app={app} />
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
