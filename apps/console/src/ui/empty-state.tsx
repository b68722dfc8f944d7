import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn.ts'

interface EmptyStateProps {
  icon: LucideIcon
  title: string
  /** What this is and how it fills. */
  children: ReactNode
  action?: ReactNode
  /** The same from the command line. */
  command?: ReactNode
  className?: string
}

/** What stands where nothing is yet: what it is, the one thing to do, and its command. */
export function EmptyState({ icon: Icon, title, children, action, command, className }: EmptyStateProps) {
  return (
    <div className={cn('flex flex-col items-center px-6 py-12 text-center', className)}>
      <span className="mb-3 flex size-10 items-center justify-center rounded-lg border bg-sunken text-ink-3">
        <Icon aria-hidden className="size-5" />
      </span>
      <h3 className="font-medium text-base">{title}</h3>
      <div className="mt-1 max-w-md text-balance text-ink-2 text-sm">{children}</div>
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
      {command && <div className="mt-4 w-full max-w-md">{command}</div>}
    </div>
  )
}
