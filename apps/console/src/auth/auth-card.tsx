import type { ReactNode } from 'react'

/** The box of the pages before one is inside. */
export function AuthCard({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <div className="w-full max-w-100">
      <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
      {about && <div className="mt-1 text-ink-2 text-sm">{about}</div>}
      <div className="mt-6">{children}</div>
    </div>
  )
}
