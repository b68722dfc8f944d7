'use client'

import { LogList } from '#logs/log-list.tsx'
import { useLogView } from '#logs/use-log-view.ts'
import { useLogWindow } from '#logs/use-log-window.ts'
import { Notice } from '#ui/notice.tsx'
import { type BuildTarget, useBuildLog } from './use-build-log.ts'

/** The end of a running build's log, following. */
export function LiveBuildLog(target: BuildTarget) {
  const window = useLogWindow()
  const problem = useBuildLog(window, target)
  const { snapshot, follow, setFollow } = useLogView(window)
  if (problem) return <Notice tone="warning">{problem.message}</Notice>
  return (
    <div className="mt-2 flex h-44 flex-col overflow-hidden rounded-md border bg-sunken">
      {snapshot.rows.length === 0 ? (
        <p role="status" className="flex flex-1 items-center justify-center p-4 text-ink-3 text-xs">
          The log begins as soon as a builder is free.
        </p>
      ) : (
        <LogList
          snapshot={snapshot}
          label={`Log of build ${target.build}`}
          wrap={false}
          highlight=""
          focusRow={null}
          follow={follow}
          onFollowChange={setFollow}
        />
      )}
    </div>
  )
}
