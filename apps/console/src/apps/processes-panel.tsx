'use client'

import {
  type AppView,
  type InstanceView,
  isReplicated,
  type ProcessView,
  readyWords,
  stateStatus,
} from '@slipway/domain'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { exactTime, formatAge } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { Button } from '#ui/button.tsx'
import { cn } from '#ui/cn.ts'
import { Glow } from '#ui/glow.tsx'
import { Panel } from '#ui/panel.tsx'
import { StateMark } from '#ui/status.tsx'
import { CardLabel, Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'
import { RestartButton, RestartInstanceButton } from './restart-button.tsx'

/** "web-7d9f8b6c5-x2x4z" without what all instances of the process share. */
function shortName(instance: InstanceView): string {
  return instance.name.split('-').at(-1) ?? instance.name
}

interface InstanceRowProps {
  app: AppView
  instance: InstanceView
  /** What the page says already: it is not said again. */
  said: string
  nowMs: number
}

function InstanceRow({ app, instance, said, nowMs }: InstanceRowProps) {
  const logs = `${paths.app(app.ref, 'logs')}?${new URLSearchParams({ instance: instance.name })}`
  const news = instance.message !== null && !isSaid(said, instance.message)
  return (
    // In cards the figures begin a second line, after state and actions.
    <Tr className="max-md:after:basis-full max-md:after:content-['']">
      <Td className="whitespace-nowrap">
        <Link href={logs} title={`${instance.name}: open its log`} className="hover:underline">
          <span className="sr-only">{instance.process} </span>
          <span className="font-mono text-xs">{shortName(instance)}</span>
        </Link>
      </Td>
      <Td className="align-middle max-md:flex-1">
        <Glow value={`${instance.state} ${instance.ready}`} className="inline-flex align-middle">
          <StateMark status={stateStatus(instance.state)} state={instance.state} reason={instance.reason} />
        </Glow>
        {news && <p className="max-w-md break-words text-ink-2 text-xs">{instance.message}</p>}
      </Td>
      <Td numeric className="max-md:order-1">
        <CardLabel>Release</CardLabel>v{instance.release}
      </Td>
      <Td numeric className={cn('max-md:order-1', instance.restarts > 0 && 'text-warning')}>
        <CardLabel>Restarts</CardLabel>
        {instance.restarts}
      </Td>
      <Td numeric className="max-md:order-1">
        <CardLabel>Age</CardLabel>
        {instance.startedAt ? (
          <time dateTime={instance.startedAt} title={exactTime(instance.startedAt)} suppressHydrationWarning>
            {formatAge(instance.startedAt, nowMs)}
          </time>
        ) : (
          '–'
        )}
      </Td>
      <Td className="w-10 pl-0 max-md:w-auto">
        <RestartInstanceButton app={app} instance={instance} />
      </Td>
    </Tr>
  )
}

/** Sentences that only differ in their first letter or in how often it was tried are the same news. */
function isSaid(said: string, message: string): boolean {
  const gist = message
    .replace(/ \((?:restarted|tried)[^)]*\)/g, '')
    .replace(/\.$/, '')
    .slice(1)
  return said.replace(/ \((?:restarted|tried)[^)]*\)/g, '').includes(gist)
}

function NoInstances({ app, process }: { app: AppView; process: ProcessView }) {
  const last = app.recentReleases.find(({ command }) => process.kind === 'release' && command !== null)
  if (last !== undefined) {
    return (
      <Link href={paths.releaseLog(app.ref, last.number)} className="text-accent hover:underline">
        Output of the release command of v{last.number}
      </Link>
    )
  }
  if (!isReplicated(process)) return 'It has not run yet.'
  return process.instances === 0
    ? 'Scaled to 0. Scale it up to start an instance.'
    : 'No instance has been started yet.'
}

function ProcessSection({ app, process, nowMs }: { app: AppView; process: ProcessView; nowMs: number }) {
  const instances = app.instanceList.filter((instance) => instance.process === process.name)
  return (
    <li>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
        <h3 className="min-w-0 break-all font-medium text-base">{process.name}</h3>
        <StateMark status={process.status} state={process.state} />
        <span className="text-ink-2 text-xs tabular">
          <Glow value={readyWords(process)}>{readyWords(process)}</Glow>
        </span>
        <span className="flex-1" />
        {process.instances > 0 && <RestartButton app={app} process={process.name} />}
      </div>
      {instances.length === 0 ? (
        <p className="px-4 pb-3 text-ink-3 text-sm">
          <NoInstances app={app} process={process} />
        </p>
      ) : (
        <Table label={`Instances of ${process.name}`} cards>
          <TableHead>
            <Th>Instance</Th>
            <Th>State</Th>
            <Th numeric>Release</Th>
            <Th numeric>Restarts</Th>
            <Th numeric>Age</Th>
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          </TableHead>
          <tbody>
            {instances.map((instance) => (
              <InstanceRow
                key={instance.name}
                app={app}
                instance={instance}
                said={app.why?.sentence ?? ''}
                nowMs={nowMs}
              />
            ))}
          </tbody>
        </Table>
      )}
    </li>
  )
}

/** Each process with its state and its running copies, live. */
export function ProcessesPanel({ app }: { app: AppView }) {
  const now = useNow(1_000)
  return (
    <Panel
      title="Processes"
      flush
      actions={
        <Button asChild size="sm" variant="ghost">
          <Link href={paths.app(app.ref, 'processes')}>Scale</Link>
        </Button>
      }
    >
      <ul className="divide-y">
        {app.processes.map((process) => (
          <ProcessSection key={process.name} app={app} process={process} nowMs={now} />
        ))}
      </ul>
    </Panel>
  )
}
