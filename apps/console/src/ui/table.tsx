import type { ComponentProps, ReactNode } from 'react'
import { cn } from './cn.ts'
import { ScrollBox } from './scroll-box.tsx'

/** A table whose rows are 36 px; it scrolls sideways inside its own box on narrow screens. */
export function Table({ className, label, ...rest }: ComponentProps<'table'> & { label: string }) {
  return (
    <ScrollBox label={label}>
      <table className={cn('w-full border-collapse text-sm', className)} {...rest} />
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
        'h-8 whitespace-nowrap border-b px-4 text-left font-medium text-ink-3 text-xs',
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
  return <td className={cn('h-9 px-4 py-1.5', numeric && 'text-right tabular', className)} {...rest} />
}
