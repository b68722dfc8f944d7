'use client'

import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cn } from './cn.ts'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  /** What this does, in a sentence or two. */
  about?: ReactNode
  children?: ReactNode
  /** Buttons, the main one last. */
  footer?: ReactNode
  size?: 'md' | 'lg'
}

/** A question or a form over the page. */
export function Dialog({ open, onOpenChange, title, about, children, footer, size = 'md' }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Radix.Content
          className={cn(
            'fixed top-[min(15vh,8rem)] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 animate-enter flex-col rounded-lg border border-line-strong bg-raised shadow-xl',
            size === 'lg' ? 'max-w-2xl' : 'max-w-md',
          )}
          {...(about ? {} : { 'aria-describedby': undefined })}
        >
          <div className={cn('flex items-start justify-between gap-4 px-5 pt-4', !children && 'pb-4')}>
            <div className="min-w-0">
              <Radix.Title className="break-words font-medium text-lg">{title}</Radix.Title>
              {about && <Radix.Description className="mt-1 text-ink-2 text-sm">{about}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="iconSm" aria-label="Close">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          {children && <div className="min-h-0 overflow-y-auto px-5 py-4">{children}</div>}
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
