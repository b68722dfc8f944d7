'use client'

import type { AppRef, AppView } from '@slipway/domain'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { CopyAs } from '#ui/copy-as.tsx'
import { Notice } from '#ui/notice.tsx'
import { Select } from '#ui/select.tsx'
import { Spinner } from '#ui/spinner.tsx'
import type { Level } from './log-line.ts'
import { LogList } from './log-list.tsx'
import { LogToolbar } from './log-toolbar.tsx'
import { MAX_LINES } from './log-window.ts'
import { useAppLogs } from './use-app-logs.ts'
import { type LogView, useLogView } from './use-log-view.ts'
import { useLogWindow } from './use-log-window.ts'

const ALL = '*'

interface FiltersProps {
  app: AppView | undefined
  process: string
  setProcess: (process: string) => void
  instance: string
  setInstance: (instance: string) => void
  view: LogView
}

function Filters({ app, process, setProcess, instance, setInstance, view }: FiltersProps) {
  const instances = (app?.instanceList ?? []).filter((each) => !process || each.process === process)
  const known = instances.some((each) => each.name === instance)
  return (
    <div className="grid w-full grid-cols-2 gap-2 sm:flex sm:w-auto">
      <Select
        aria-label="Process"
        className="sm:w-36"
        value={process || ALL}
        onValueChange={(next) => {
          setProcess(next === ALL ? '' : next)
          setInstance('')
        }}
        options={[
          { value: ALL, label: 'All processes' },
          ...(app?.processes ?? []).map((each) => ({ value: each.name, label: each.name })),
        ]}
      />
      <Select
        aria-label="Instance"
        className="sm:w-44"
        value={instance || ALL}
        onValueChange={(next) => setInstance(next === ALL ? '' : next)}
        options={[
          { value: ALL, label: 'All instances' },
          ...(instance && !known ? [{ value: instance, label: instance, about: 'no longer running' }] : []),
          ...instances.map((each) => ({ value: each.name, label: each.name, about: each.state })),
        ]}
      />
      <Select<Level | '*'>
        aria-label="Level"
        className="sm:w-32"
        value={view.minLevel ?? ALL}
        onValueChange={(next) => view.setMinLevel(next === ALL ? null : next)}
        options={[
          { value: ALL, label: 'All levels' },
          { value: 'info', label: 'Info and up' },
          { value: 'warn', label: 'Warnings' },
          { value: 'error', label: 'Errors' },
        ]}
      />
    </div>
  )
}

/** What stands in place of lines while there are none. */
function Placeholder({ live, app, filtered }: { live: boolean; app: AppView | undefined; filtered: boolean }) {
  if (!live) {
    return (
      <span className="flex items-center gap-2">
        <Spinner /> Opening the log…
      </span>
    )
  }
  if (filtered) return 'No line passes these filters.'
  if (app?.currentRelease === null)
    return 'Nothing has been deployed yet. Lines appear here as soon as an instance writes to its output.'
  return 'No lines yet. What instances write to stdout and stderr appears here as it comes.'
}

/** All processes' output in one log, newest last, followed. */
export function LogsPage({ appRef }: { appRef: AppRef }) {
  const { data: app } = useApp(appRef)
  const [process, setProcess] = useQueryParam('process')
  const [instance, setInstance] = useQueryParam('instance')
  const window = useLogWindow()
  const { live, problem } = useAppLogs(window, { appRef, process, instance })
  const view = useLogView(window)
  const { snapshot } = view
  return (
    <div className="flex min-h-96 flex-1 flex-col">
      <LogToolbar view={view} window={window} fileName={`${appRef.app}.log`}>
        <Filters {...{ app, process, setProcess, instance, setInstance, view }} />
      </LogToolbar>
      {problem && (
        <Notice tone="warning" className="rounded-none border-x-0" live>
          {problem.message}
        </Notice>
      )}
      {snapshot.rows.length === 0 ? (
        <p
          role="status"
          className="flex flex-1 items-center justify-center bg-sunken p-6 text-center text-ink-2 text-sm"
        >
          <Placeholder live={live || problem !== null} app={app} filtered={snapshot.total > 0} />
        </p>
      ) : (
        <LogList
          snapshot={snapshot}
          label={`Log of ${appRef.app}`}
          wrap={view.wrap}
          highlight={view.needle}
          focusRow={view.focusRow}
          follow={view.follow}
          onFollowChange={view.setFollow}
        />
      )}
      <div className="flex h-8 shrink-0 items-center justify-between gap-3 border-t bg-surface px-3 text-ink-3 text-xs tabular">
        <span className="truncate">
          {snapshot.total.toLocaleString('en')} lines
          {snapshot.dropped > 0 &&
            `, ${snapshot.dropped.toLocaleString('en')} older ones let go (the last ${MAX_LINES.toLocaleString('en')} are kept)`}
        </span>
        <CopyAs lines={[cliLine(appRef, 'logs', '--follow')]} />
      </div>
    </div>
  )
}
