import { cva, type VariantProps } from 'class-variance-authority'
import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn.ts'
import { Spinner } from './spinner.tsx'

const styles = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors disabled:pointer-events-none disabled:opacity-50 aria-disabled:pointer-events-none aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'border-transparent bg-accent-solid text-on-accent hover:bg-accent-solid-hover',
        secondary: 'border-line-strong bg-raised text-ink hover:bg-hover active:bg-active',
        ghost: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink active:bg-active',
        danger: 'border-transparent bg-degraded-solid text-on-accent hover:bg-degraded-solid-hover',
        dangerQuiet: 'border-line-strong bg-raised text-degraded hover:bg-degraded-soft',
      },
      size: {
        sm: 'h-7 px-2.5 text-xs [&_svg]:size-3.5',
        md: 'h-8 px-3 text-sm',
        lg: 'h-10 px-4 text-base',
        icon: 'size-8 text-sm',
        iconSm: 'size-7 text-xs [&_svg]:size-3.5',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
)

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof styles> {
  /** Renders the only child (a link) with the button's looks. */
  asChild?: boolean
  /** Shows that the action is on its way and takes no further click. */
  pending?: boolean
}

/** The one button. `icon` sizes need an `aria-label`. */
export function Button({ variant, size, asChild, pending, className, children, disabled, ...rest }: ButtonProps) {
  const classes = cn(styles({ variant, size }), className)
  if (asChild) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    )
  }
  return (
    <button type="button" className={classes} disabled={disabled || pending} aria-busy={pending || undefined} {...rest}>
      {pending && <Spinner />}
      {children}
    </button>
  )
}
