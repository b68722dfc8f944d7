import { CircleX, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'
import { type Tone, toneBox } from './tone.ts'

interface NoticeProps {
  tone?: Tone
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  className?: string
  /** Read out when it appears: for answers to what a person just did. */
  live?: boolean
}

/** A sentence or two that belong to what is around them. */
export function Notice({ tone = 'neutral', title, children, action, className, live }: NoticeProps) {
  const Icon = tone === 'degraded' ? CircleX : tone === 'warning' ? TriangleAlert : Info
  return (
    <div
      role={live ? 'alert' : undefined}
      className={cn('flex min-w-0 items-start gap-2.5 rounded-md border px-3 py-2.5 text-sm', toneBox[tone], className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 break-words">
        {title && <p className="font-medium">{title}</p>}
        {children && <div className={cn(title ? 'mt-0.5' : '', 'text-ink-2')}>{children}</div>}
      </div>
      {action && <div className="shrink-0">{action}</div>}
    </div>
  )
}
