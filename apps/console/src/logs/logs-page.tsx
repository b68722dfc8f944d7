'use client'

import { type AppRef, type AppView, stateWord } from '@slipway/domain'
import { useCallback } from 'react'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { Notice } from '#ui/notice.tsx'
import { Select } from '#ui/select.tsx'
import { Spinner } from '#ui/spinner.tsx'
import { JumpToTime } from './jump-to-time.tsx'
import type { Level } from './log-line.ts'
import { LogList } from './log-list.tsx'
import { dayAndTime } from './log-time.ts'
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
  since: string | null
  onJump: (at: string) => void
}

function Filters({ app, process, setProcess, instance, setInstance, view, since, onJump }: FiltersProps) {
  const instances = (app?.instanceList ?? []).filter((each) => !process || each.process === process)
  const known = instances.some((each) => each.name === instance)
  return (
    <div className="flex flex-col gap-2 sm:flex-row">
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
          ...instances.map((each) => ({ value: each.name, label: each.name, about: stateWord(each.state) })),
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
      <JumpToTime since={since} onJump={onJump} />
    </div>
  )
}

interface PlaceholderProps {
  live: boolean
  app: AppView | undefined
  filtered: boolean
  since: string | null
}

/** What stands in place of lines while there are none. */
function Placeholder({ live, app, filtered, since }: PlaceholderProps) {
  if (!live) {
    return (
      <span className="flex items-center gap-2">
        <Spinner /> Opening the log…
      </span>
    )
  }
  if (filtered) return 'No lines match these filters.'
  if (since) return 'No lines since then: the log may not reach back that far.'
  if (app?.currentRelease === null)
    return 'Nothing has been deployed yet. Lines appear here as soon as an instance writes to its output.'
  return 'No lines yet. What instances write to stdout and stderr appears here live.'
}

/** All processes' output in one log, newest last, followed. */
export function LogsPage({ appRef }: { appRef: AppRef }) {
  const { data: app } = useApp(appRef)
  const [process, setProcess] = useQueryParam('process')
  const [instance, setInstance] = useQueryParam('instance')
  const [from, setFrom] = useQueryParam('from')
  const since = from && !Number.isNaN(Date.parse(from)) ? from : null
  const window = useLogWindow()
  const { live, problem } = useAppLogs(window, { appRef, process, instance, since })
  const view = useLogView(window, since === null)
  const jump = (at: string) => {
    setFrom(at)
    view.setFollow(false)
  }
  const toNow = () => {
    setFrom('')
    view.setFollow(true)
  }
  const { snapshot } = view
  const linkTo = useCallback(
    (at: string) => {
      const query = new URLSearchParams({ ...(process && { process }), ...(instance && { instance }), from: at })
      return `${paths.app(appRef, 'logs')}?${query}`
    },
    [appRef, process, instance],
  )
  return (
    <div className="flex min-h-96 flex-1 flex-col">
      <LogToolbar view={view} window={window} fileName={`${appRef.app}.log`}>
        <Filters {...{ app, process, setProcess, instance, setInstance, view, since }} onJump={jump} />
      </LogToolbar>
      {since && (
        <div className="flex items-center gap-2 border-b bg-accent-soft px-3 py-1 text-xs">
          <span className="min-w-0 truncate">From {dayAndTime(since)} on</span>
          <Button size="sm" variant="ghost" onClick={toNow}>
            Back to now
          </Button>
        </div>
      )}
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
          <Placeholder live={live || problem !== null} app={app} filtered={snapshot.total > 0} since={since} />
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
          linkTo={linkTo}
        />
      )}
      <div className="flex h-8 shrink-0 items-center justify-between gap-3 border-t bg-surface px-3 text-ink-3 text-xs tabular">
        <span className="truncate">
          {snapshot.total.toLocaleString('en')} lines
          {snapshot.dropped > 0 &&
            `, ${snapshot.dropped.toLocaleString('en')} older ones dropped (the last ${MAX_LINES.toLocaleString('en')} are kept)`}
        </span>
        <CopyAs lines={[cliLine(appRef, 'logs', ...(since ? ['--since', since] : []), '--follow')]} />
      </div>
    </div>
  )
}
