import type { ReactNode } from 'react'
import { cn } from './cn.ts'

/** The column that a page's content stands in: up to 1,280 px, or narrower for forms. */
export function Page({ children, narrow }: { children: ReactNode; narrow?: boolean }) {
  return (
    <div
      className={cn('mx-auto flex w-full flex-col gap-4 px-4 py-5 md:px-6', narrow ? 'max-w-3xl' : 'max-w-[1280px]')}
    >
      {children}
    </div>
  )
}
