import type { LucideIcon } from 'lucide-react'

/** One line of the palette. */
export interface PaletteCommand {
  id: string
  group: string
  label: string
  about?: string | undefined
  icon: LucideIcon
  /** Keys that do the same. */
  keys?: readonly string[]
  /** Why it cannot be done now, in a sentence. */
  disabled?: string | undefined
  run: () => void
}
