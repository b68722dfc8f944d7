import { cn } from '#ui/cn.ts'

/** The mark: a hull on its slip. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cn('size-6', className)}>
      <rect width="32" height="32" rx="7" fill="#0b5c86" />
      <path
        d="M6 19.5 22.5 9.2c.8-.5 1.8.3 1.5 1.2l-2.3 7.4a2 2 0 0 1-.9 1.1L12 24.2"
        fill="none"
        stroke="#fff"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M6 24.5h20" stroke="#8fd0ee" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  )
}

/** Mark and name. */
export function Logo() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-base tracking-tight">
      <LogoMark />
      Slipway
    </span>
  )
}
