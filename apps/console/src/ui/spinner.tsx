import { LoaderCircle } from 'lucide-react'
import { cn } from './cn.ts'

/** Turns while something that was asked for is on its way. Decoration: the text beside it says what. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden className={cn('size-4 animate-spin', className)} />
}
