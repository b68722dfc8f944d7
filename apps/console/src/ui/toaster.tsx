'use client'

import { Toaster as Sonner } from 'sonner'

/** Short answers to what a person did, at the lower right; `toast()` of sonner shows them. */
export function Toaster({ theme }: { theme: 'system' | 'light' | 'dark' }) {
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-[356px] max-w-[calc(100vw-2rem)] items-center gap-3 rounded-lg border border-line-strong bg-raised px-3.5 py-3 text-ink text-sm shadow-lg font-sans',
          description: 'text-ink-2 text-xs',
          actionButton:
            'ml-auto shrink-0 rounded-md border border-line-strong px-2.5 h-7 text-xs font-medium hover:bg-hover',
          success: '[&_[data-icon]]:text-healthy',
          error: '[&_[data-icon]]:text-degraded',
        },
      }}
    />
  )
}
