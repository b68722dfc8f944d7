'use client'

import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { TextArea } from '#ui/input.tsx'

interface ValueEditorProps {
  name: string
  initial: string
  onStage: (value: string) => void
  onCancel: () => void
}

/** Edits one value in place. ⌘↵ or Ctrl+↵ stages it, Escape leaves it. */
export function ValueEditor({ name, initial, onStage, onCancel }: ValueEditorProps) {
  const [value, setValue] = useState(initial)
  return (
    <div className="flex flex-col gap-2">
      <TextArea
        mono
        autoFocus
        aria-label={`Value of ${name}`}
        className="min-h-8"
        rows={Math.min(10, value.split('\n').length)}
        value={value}
        maxLength={32_768}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel()
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) onStage(value)
        }}
      />
      <div className="flex gap-2">
        <Button size="sm" variant="primary" onClick={() => onStage(value)}>
          Stage
        </Button>
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
