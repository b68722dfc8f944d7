import { Panel } from '#ui/panel.tsx'
import { LogList } from './log-list.tsx'
import { LogToolbar } from './log-toolbar.tsx'
import type { LogWindow } from './log-window.ts'
import { useLogView } from './use-log-view.ts'

interface KeptLogPanelProps {
  window: LogWindow
  label: string
  fileName: string
  /** False once nothing more can come. */
  live: boolean
  /** Said in place of lines while there are none. */
  empty: string
}

/** A whole log that is kept, with search, wrapping and download. */
export function KeptLogPanel({ window, label, fileName, live, empty }: KeptLogPanelProps) {
  const log = useLogView(window)
  const { snapshot } = log
  return (
    <Panel flush>
      <LogToolbar view={log} window={window} fileName={fileName} live={live} />
      <div className="flex h-[60vh] min-h-72 flex-col">
        {snapshot.rows.length === 0 ? (
          <p
            role="status"
            className="flex flex-1 items-center justify-center bg-sunken p-6 text-center text-ink-2 text-sm"
          >
            {empty}
          </p>
        ) : (
          <LogList
            snapshot={snapshot}
            label={label}
            wrap={log.wrap}
            highlight={log.needle}
            focusRow={log.focusRow}
            follow={log.follow}
            onFollowChange={log.setFollow}
          />
        )}
      </div>
    </Panel>
  )
}
