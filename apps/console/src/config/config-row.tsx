'use client'

import type { AppRef, ConfigVarView } from '@slipway/domain'
import { Eye, EyeOff, Pencil, Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { CopyButton } from '#ui/copy-button.tsx'
import { Time } from '#ui/time.tsx'
import type { StagedChange } from './config-draft.ts'
import { useReveal } from './use-reveal.ts'
import { ValueEditor } from './value-editor.tsx'

interface ConfigRowProps {
  appRef: AppRef
  variable: ConfigVarView
  staged: StagedChange | undefined
  onStage: (value: string | null) => void
  onUnstage: () => void
}

interface RowActionsProps {
  name: string
  shown: boolean
  pending: boolean
  staged: boolean
  mayReveal: boolean
  mayWrite: boolean
  onShow: () => void
  onEdit: () => void
  onRemove: () => void
  onUnstage: () => void
}

function RowActions(props: RowActionsProps) {
  const { name, shown, pending, staged, mayReveal, mayWrite, onShow, onEdit, onRemove, onUnstage } = props
  return (
    <div className="flex shrink-0 gap-1">
      {mayReveal && (
        <Button
          variant="ghost"
          size="iconSm"
          aria-label={`${shown ? 'Hide' : 'Reveal'} ${name}`}
          pending={pending}
          onClick={onShow}
        >
          {!pending && (shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />)}
        </Button>
      )}
      {mayWrite && !staged && (
        <>
          <Button variant="ghost" size="iconSm" aria-label={`Edit ${name}`} onClick={onEdit}>
            <Pencil aria-hidden />
          </Button>
          <Button variant="ghost" size="iconSm" aria-label={`Remove ${name}`} onClick={onRemove}>
            <Trash2 aria-hidden />
          </Button>
        </>
      )}
      {staged && (
        <Button variant="ghost" size="iconSm" aria-label={`Discard the change to ${name}`} onClick={onUnstage}>
          <Undo2 aria-hidden />
        </Button>
      )}
    </div>
  )
}

/** One variable: masked until revealed, edited in place, its staged change marked. */
export function ConfigRow({ appRef, variable, staged, onStage, onUnstage }: ConfigRowProps) {
  const { key } = variable
  const { value, pending, reveal, hide } = useReveal(appRef, key)
  const [editing, setEditing] = useState<string | null>(null)
  const mayReveal = useMay(appRef.team, 'config.reveal')
  const mayWrite = useMay(appRef.team, 'config.write')
  const edit = async () => setEditing(value ?? (mayReveal ? ((await reveal()) ?? '') : ''))
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-48">
        <p className={cn('break-all font-mono text-sm', staged?.change === 'removed' && 'text-ink-3 line-through')}>
          {key}
        </p>
        <p className="text-ink-3 text-xs">
          {variable.updatedBy} · <Time at={variable.updatedAt} />
        </p>
      </div>
      <div className="min-w-0 flex-[2] basis-64 max-sm:order-last">
        {editing !== null ? (
          <ValueEditor
            name={key}
            initial={editing}
            onCancel={() => setEditing(null)}
            onStage={(next) => {
              setEditing(null)
              hide()
              onStage(next)
            }}
          />
        ) : staged ? (
          <Badge tone={staged.change === 'removed' ? 'degraded' : 'warning'}>
            {staged.change === 'removed' ? 'will be removed' : 'will change'}
          </Badge>
        ) : value !== null ? (
          <span className="flex items-start gap-1">
            <code className="min-w-0 whitespace-pre-wrap break-all font-mono text-xs leading-6">
              {value || '(empty)'}
            </code>
            <CopyButton text={value} what={`value of ${key}`} />
          </span>
        ) : (
          <span className="font-mono text-ink-3 text-xs" role="img" aria-label="hidden value">
            {variable.masked}
          </span>
        )}
      </div>
      <RowActions
        name={key}
        shown={value !== null}
        pending={pending}
        staged={staged !== undefined}
        mayReveal={mayReveal}
        mayWrite={mayWrite}
        onShow={() => (value === null ? void reveal() : hide())}
        onEdit={() => void edit()}
        onRemove={() => onStage(null)}
        onUnstage={onUnstage}
      />
    </li>
  )
}
