'use client'

import { type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { Input } from './input.tsx'
import { ProblemNotice } from './problem.tsx'

interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  about: ReactNode
  /** Verb of the button: "Delete app". */
  action: string
  /** What must be typed first: only for what cannot be undone. */
  typeToConfirm?: string
  danger?: boolean
  pending?: boolean
  error?: unknown
  /** What stands in the way: the action is off while there is something. */
  blocked?: ReactNode
  /** What belongs to the question and needs width: the dialog is a large one then. */
  details?: ReactNode
  onConfirm: () => void
}

/** Asks before something that matters. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    open,
    onOpenChange,
    title,
    about,
    action,
    typeToConfirm,
    danger,
    pending,
    error,
    blocked,
    details,
    onConfirm,
  } = props
  const [typed, setTyped] = useState('')
  const ready = !blocked && (typeToConfirm === undefined || typed === typeToConfirm)
  const change = (next: boolean) => {
    setTyped('')
    onOpenChange(next)
  }
  const body = Boolean(typeToConfirm || error || blocked || details)
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      size={details ? 'lg' : 'md'}
      about={about}
      footer={
        <>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button variant={danger ? 'danger' : 'primary'} disabled={!ready} pending={pending} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      {body && (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (ready) onConfirm()
          }}
        >
          {typeToConfirm && (
            <Field
              label={
                <>
                  Type <span className="break-all font-mono">{typeToConfirm}</span> to confirm
                </>
              }
            >
              <Input mono autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
            </Field>
          )}
          {details}
          {blocked}
          {error && !blocked ? <ProblemNotice error={error} /> : null}
        </form>
      )}
    </Dialog>
  )
}
