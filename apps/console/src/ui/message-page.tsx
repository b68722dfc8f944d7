import type { ReactNode } from 'react'

/** A page that only says something: not found, not allowed, broken. */
export function MessagePage({ title, children, action }: { title: string; children: ReactNode; action: ReactNode }) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center px-6 py-20 text-center">
      <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
      <div className="mt-2 max-w-md text-balance text-ink-2 text-sm">{children}</div>
      <div className="mt-5 flex gap-2">{action}</div>
    </div>
  )
}
