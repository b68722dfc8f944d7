'use client'

import { Terminal } from 'lucide-react'
import { toast } from 'sonner'
import { copyText } from '#lib/clipboard.ts'
import { Button } from './button.tsx'
import { Menu, MenuItem, MenuLabel } from './menu.tsx'

/** The commands that do the same as this view, to copy. */
export function CopyAs({ lines }: { lines: readonly string[] }) {
  const copy = async (line: string) => {
    if (await copyText(line)) toast.success('Command copied.')
    else toast.error('The browser did not allow copying.', { description: line })
  }
  return (
    <Menu
      trigger={
        <Button size="sm" variant="ghost" aria-label="Copy as command">
          <Terminal aria-hidden />
          <span className="max-sm:hidden">Copy as command</span>
        </Button>
      }
    >
      <MenuLabel>Copy as command</MenuLabel>
      {lines.map((line) => (
        <MenuItem key={line} onSelect={() => void copy(line)}>
          <code className="min-w-0 break-all font-mono text-xs">{line}</code>
        </MenuItem>
      ))}
    </Menu>
  )
}
