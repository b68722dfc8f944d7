import type { ReactNode } from 'react'

interface PageHeaderProps {
  title: ReactNode
  about?: ReactNode
  actions?: ReactNode
}

/** Title of a page with its main actions. */
export function PageHeader({ title, about, actions }: PageHeaderProps) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="break-words font-semibold text-xl tracking-tight">{title}</h1>
        {about && <div className="mt-0.5 text-ink-2 text-sm">{about}</div>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  )
}
