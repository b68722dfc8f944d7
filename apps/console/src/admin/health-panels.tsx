'use client'

import type { QueueView } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { CheckCircle2, CircleX } from 'lucide-react'
import { useTRPC } from '#api/trpc.ts'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { Table, TableHead, Td, Th, Tr } from '#ui/table.tsx'

const LOOK_AGAIN_MS = 5_000

function Queues({ queues }: { queues: readonly QueueView[] }) {
  return (
    <Table label="Queues">
      <TableHead>
        <Th>Queue</Th>
        <Th numeric>Waiting</Th>
        <Th numeric>Running</Th>
        <Th numeric>Done</Th>
        <Th numeric>Failed</Th>
      </TableHead>
      <tbody>
        {queues.map((queue) => (
          <Tr key={queue.name}>
            <Td>{queue.name}</Td>
            <Td numeric>{queue.waiting}</Td>
            <Td numeric>{queue.running}</Td>
            <Td numeric>{queue.done.toLocaleString('en')}</Td>
            <Td numeric>{queue.failed.toLocaleString('en')}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

/** Slipway's own parts and queues, as the process that answered sees them. */
export function HealthPanels() {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery(
    trpc.admin.health.queryOptions(undefined, { refetchInterval: LOOK_AGAIN_MS }),
  )
  if (!data) {
    return error ? (
      <ProblemNotice error={error} onRetry={() => void refetch()} />
    ) : (
      <Panel title="Slipway’s parts" flush>
        <SkeletonRows label="Loading the health of the parts" />
      </Panel>
    )
  }
  const { running, queued, limit } = data.builds
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel title="Slipway’s parts" flush>
        <ul className="divide-y">
          {data.parts.map(({ name, ok, says }) => (
            <li key={name} className="flex items-start gap-2.5 px-4 py-2 text-sm">
              {ok ? (
                <CheckCircle2 aria-label="Healthy" className="mt-0.5 size-4 shrink-0 text-healthy" />
              ) : (
                <CircleX aria-label="Not healthy" className="mt-0.5 size-4 shrink-0 text-degraded" />
              )}
              <span className="w-28 shrink-0 font-medium">{name}</span>
              <span className="min-w-0 break-words text-ink-2">{says}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel
        title="Queues"
        about="Of the reconciling process, since it started."
        flush
        footer={`Builds: ${running} running, ${queued} queued, ${limit} at once.`}
      >
        {data.queues === null ? (
          <p className="px-4 py-3 text-ink-2 text-sm">
            Another process of this installation is reconciling, or none is yet. Its queues are in its own log.
          </p>
        ) : (
          <Queues queues={data.queues} />
        )}
      </Panel>
    </div>
  )
}
