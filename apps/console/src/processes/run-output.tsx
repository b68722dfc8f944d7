'use client'

import type { AppRef, RunLogBatch, RunView } from '@slipway/domain'
import { useState } from 'react'
import { useTRPCClient } from '#api/trpc.ts'
import { useLive } from '#api/use-live.ts'
import { LogList } from '#logs/log-list.tsx'
import { useLogView } from '#logs/use-log-view.ts'
import { useLogWindow } from '#logs/use-log-window.ts'
import { Notice } from '#ui/notice.tsx'
import { Spinner } from '#ui/spinner.tsx'
import type { Tone } from '#ui/tone.ts'

interface RunOutputProps {
  appRef: AppRef
  run: RunView
  onChange: (run: RunView) => void
}

function endOf({ exitCode, failure, stopped }: RunView): { tone: Tone; text: string } {
  if (failure !== null) return { tone: stopped ? 'neutral' : 'degraded', text: failure }
  return { tone: exitCode === 0 ? 'healthy' : 'degraded', text: `Ended with exit code ${exitCode ?? 'unknown'}.` }
}

/** What a command prints, as it comes, and how it ended. */
export function RunOutput({ appRef, run, onChange }: RunOutputProps) {
  const client = useTRPCClient()
  const window = useLogWindow()
  const { snapshot, follow, setFollow } = useLogView(window)
  const [waiting, setWaiting] = useState<string | null>(null)
  const problem = useLive<{ id: string; data: RunLogBatch }>({
    key: run.id,
    subscribe: (handlers) => client.live.run.subscribe({ ...appRef, run: run.id }, handlers),
    onData({ data }) {
      window.append(
        data.lines.map((text) => ({ at: null, process: null, instance: null, text })),
        0,
      )
      setWaiting(data.waiting)
      onChange(data.run)
    },
  })
  const isEmpty = snapshot.rows.length === 0
  const end = run.endedAt === null ? null : endOf(run)
  return (
    <>
      {problem && <Notice tone="warning">{problem.message}</Notice>}
      {!isEmpty && (
        <div className="flex h-64 flex-col overflow-hidden rounded-md border bg-sunken">
          <LogList
            snapshot={snapshot}
            label="Output of the command"
            wrap={false}
            highlight=""
            focusRow={null}
            follow={follow}
            onFollowChange={setFollow}
          />
        </div>
      )}
      {end ? (
        <Notice live tone={end.tone}>
          {end.text}
          {isEmpty && ' It printed nothing.'}
        </Notice>
      ) : (
        <p role="status" className="flex items-center gap-2 text-ink-2 text-sm">
          <Spinner />
          {waiting ?? (isEmpty ? 'Starting, or it has printed nothing yet…' : 'Running…')}
        </p>
      )}
    </>
  )
}
