import type { ReactNode } from 'react'
import { cn } from './cn.ts'

interface PanelProps {
  title?: ReactNode
  /** One sentence under the title. */
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
  footer?: ReactNode
  /** Leaves out the padding, for tables and lists that reach the border. */
  flush?: boolean
  tone?: 'plain' | 'danger'
  className?: string
  id?: string
}

/** A bordered part of a page with its heading and actions. */
export function Panel({ title, about, actions, children, footer, flush, tone = 'plain', className, id }: PanelProps) {
  return (
    <section
      id={id}
      className={cn(
        // `clip`, not `hidden`: what sticks to the window’s edge inside a panel goes on doing so.
        'min-w-0 overflow-clip rounded-lg border bg-surface',
        tone === 'danger' ? 'border-degraded-line' : 'border-line',
        className,
      )}
    >
      {(title || actions) && (
        <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b px-4 py-2.5">
          <div className="min-w-0 flex-1 basis-52">
            <h2 className="font-medium text-base">{title}</h2>
            {about && <p className="text-ink-3 text-xs">{about}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2 max-sm:has-[input]:w-full">{actions}</div>}
        </header>
      )}
      <div className={flush ? '' : 'p-4'}>{children}</div>
      {footer && <footer className="border-t bg-page px-4 py-2.5 text-ink-3 text-xs">{footer}</footer>}
    </section>
  )
}
