'use client'

import { parseEnvFile } from '@slipway/domain'
import { ClipboardPaste } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { TextArea } from '#ui/input.tsx'

/** Takes a whole `.env` file at once. */
export function PasteDialog({ onStage }: { onStage: (values: Record<string, string>) => void }) {
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const { values, problems } = parseEnvFile(text)
  const count = Object.keys(values).length
  const close = (next: boolean) => {
    setOpen(next)
    setText('')
  }
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <ClipboardPaste aria-hidden />
        Paste .env
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        size="lg"
        title="Paste a .env file"
        about="KEY=value lines. Quotes, comments and export are supported; variables are not expanded. You review everything before it is applied."
        footer={
          <>
            <Button onClick={() => close(false)}>Cancel</Button>
            <Button
              variant="primary"
              disabled={count === 0}
              onClick={() => {
                onStage(values)
                close(false)
              }}
            >
              Stage {count} {count === 1 ? 'variable' : 'variables'}
            </Button>
          </>
        }
      >
        <Field label="Content">
          <TextArea
            mono
            rows={12}
            placeholder={'DATABASE_URL=postgres://…\nGREETING="Hello, world"'}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        {problems.length > 0 && (
          <ul role="alert" className="mt-2 text-warning text-xs">
            {problems.slice(0, 8).map(({ line, message }) => (
              <li key={line}>
                Line {line}: {message}
              </li>
            ))}
            {problems.length > 8 && <li>and {problems.length - 8} more</li>}
          </ul>
        )}
      </Dialog>
    </>
  )
}
