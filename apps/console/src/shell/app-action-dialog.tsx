'use client'

import type { AppRef } from '@slipway/domain'
import { RestartDialog } from '#apps/restart-dialog.tsx'
import { RollbackDialog } from '#apps/rollback-dialog.tsx'
import { useApp } from '#apps/use-app.ts'
import { ScaleDialog } from '#processes/scale-dialog.tsx'
import type { AppAction } from './app-commands.ts'

interface AppActionDialogProps {
  appRef: AppRef
  action: AppAction
  onClose: () => void
}

/** The dialog of an action that was chosen in the palette. */
export function AppActionDialog({ appRef, action, onClose }: AppActionDialogProps) {
  const { data: app } = useApp(appRef)
  if (!app) return null
  switch (action.kind) {
    case 'scale': {
      const process = app.processes.find(({ name }) => name === action.process)
      return process ? <ScaleDialog app={app} process={process} onClose={onClose} /> : null
    }
    case 'restart':
      return <RestartDialog app={app} process={action.process} open onOpenChange={onClose} />
    case 'roll_back':
      return <RollbackDialog app={app} release={action.release} open onOpenChange={onClose} />
  }
}
