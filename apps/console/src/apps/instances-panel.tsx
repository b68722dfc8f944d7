'use client'

import type { AppView, InstanceView } from '@slipway/domain'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { exactTime, formatAge } from '#lib/time.ts'
import { useNow } from '#lib/use-now.ts'
import { cn } from '#ui/cn.ts'
import { Glow } from '#ui/glow.tsx'
import { Panel } from '#ui/panel.tsx'
import { Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'
import { type Tone, toneFill } from '#ui/tone.ts'

function toneOf(instance: InstanceView): Tone {
  if (instance.ready) return 'healthy'
  if (/BackOff|Err|Error|Failed|OOM|Invalid|Evicted/.test(instance.state)) return 'degraded'
  return instance.state === 'Terminating' ? 'suspended' : 'progressing'
}

/** "web-7d9f8b6c5-x2x4z" without what all instances of the process share. */
function shortName(instance: InstanceView): string {
  return instance.name.split('-').at(-1) ?? instance.name
}

function InstanceRow({ app, instance, nowMs }: { app: AppView; instance: InstanceView; nowMs: number }) {
  const logs = `${paths.app(app.ref, 'logs')}?${new URLSearchParams({ instance: instance.name })}`
  return (
    <Tr>
      <Td className="whitespace-nowrap">
        <Link href={logs} title={`${instance.name}: open its log`} className="font-medium hover:underline">
          {instance.process}
          <span className="font-mono font-normal text-ink-3 text-xs">.{shortName(instance)}</span>
        </Link>
      </Td>
      <Td>
        <span className="flex items-center gap-2">
          <span aria-hidden className={cn('size-2 shrink-0 rounded-full', toneFill[toneOf(instance)])} />
          <Glow value={`${instance.state} ${instance.ready}`}>
            {instance.state}
            {!instance.ready && instance.state === 'Running' && <span className="text-ink-3">, not ready</span>}
          </Glow>
        </span>
        {instance.message && <p className="max-w-md break-words text-ink-2 text-xs">{instance.message}</p>}
      </Td>
      <Td numeric>v{instance.release}</Td>
      <Td numeric className={instance.restarts > 0 ? 'text-warning' : ''}>
        {instance.restarts}
      </Td>
      <Td numeric>
        {instance.startedAt ? (
          <time dateTime={instance.startedAt} title={exactTime(instance.startedAt)} suppressHydrationWarning>
            {formatAge(instance.startedAt, nowMs)}
          </time>
        ) : (
          '–'
        )}
      </Td>
    </Tr>
  )
}

/** Every running copy, live. */
export function InstancesPanel({ app }: { app: AppView }) {
  const now = useNow(1_000)
  const { ready, wanted } = app.instances
  return (
    <Panel
      title="Instances"
      flush
      actions={
        <span className="text-ink-2 text-xs tabular">
          <Glow value={`${ready}/${wanted}`}>
            {ready} of {wanted} ready
          </Glow>
        </span>
      }
    >
      {app.instanceList.length === 0 ? (
        <p className="px-4 py-6 text-center text-ink-3 text-sm">
          {wanted === 0
            ? 'No instance is asked for. Scale a process up to start one.'
            : 'No instance has been started yet.'}
        </p>
      ) : (
        <Table label="Instances">
          <TableHead>
            <Th>Instance</Th>
            <Th>State</Th>
            <Th numeric>Release</Th>
            <Th numeric>Restarts</Th>
            <Th numeric>Age</Th>
          </TableHead>
          <tbody>
            {app.instanceList.map((instance) => (
              <InstanceRow key={instance.name} app={app} instance={instance} nowMs={now} />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}
