import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'
import { ScrollBox } from './scroll-box.tsx'

/** Below 768 px, so also at 200 % zoom on a desk, each row is a block of its own that wraps, and the head is only read aloud: nothing has to be scrolled sideways. */
const CARDS =
  'max-md:block max-md:[&>thead]:sr-only max-md:[&>tbody]:block max-md:[&>tbody>tr]:flex max-md:[&>tbody>tr]:flex-wrap max-md:[&>tbody>tr]:items-baseline max-md:[&>tbody>tr]:gap-x-3 max-md:[&>tbody>tr]:gap-y-0.5 max-md:[&>tbody>tr]:px-4 max-md:[&>tbody>tr]:py-2 max-md:[&>tbody>tr>td]:block max-md:[&>tbody>tr>td]:h-auto max-md:[&>tbody>tr>td]:min-w-0 max-md:[&>tbody>tr>td]:p-0! max-md:[&>tbody>tr>td]:text-left'

interface TableProps extends ComponentProps<'table'> {
  label: string
  /** Shows rows as cards on narrow screens: for tables with sentences or actions. Figures stay a table and scroll. */
  cards?: boolean
}

/** A table whose rows are 36 px. */
export function Table({ className, label, cards, ...rest }: TableProps) {
  return (
    <ScrollBox label={label}>
      <table className={cn('w-full border-collapse text-sm', cards && CARDS, className)} {...rest} />
    </ScrollBox>
  )
}

export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead className="sticky top-0 z-10 bg-surface">
      <tr>{children}</tr>
    </thead>
  )
}

/** A column's head. `numeric` aligns figures to the right. */
export function Th({ className, numeric, ...rest }: ComponentProps<'th'> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      className={cn(
        'h-8 whitespace-nowrap border-b px-2 text-left font-medium text-ink-3 text-xs first:pl-4 last:pr-4 sm:px-4',
        numeric && 'text-right',
        className,
      )}
      {...rest}
    />
  )
}

export function Tr({ className, ...rest }: ComponentProps<'tr'>) {
  return <tr className={cn('border-b transition-colors last:border-b-0 hover:bg-hover/60', className)} {...rest} />
}

export function Td({ className, numeric, ...rest }: ComponentProps<'td'> & { numeric?: boolean }) {
  return (
    <td
      className={cn('h-9 px-2 py-1.5 first:pl-4 last:pr-4 sm:px-4', numeric && 'text-right tabular', className)}
      {...rest}
    />
  )
}

/** A column's name before its figure where the head is not seen: in cards. */
export function CardLabel({ children }: { children: ReactNode }) {
  return (
    <span aria-hidden className="text-ink-3 md:hidden">
      {children}{' '}
    </span>
  )
}
