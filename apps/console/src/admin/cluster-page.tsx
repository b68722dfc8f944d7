'use client'

import {
  type ClusterCapacityView,
  NO_RESOURCES,
  type NodeView,
  RESOURCE_KEYS,
  standingsOf,
  UNLIMITED,
} from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { RESOURCE_NAMES, shortAmount } from '#quota/usage.ts'
import { UsageLegend, UsageMeters } from '#quota/usage-meters.tsx'
import { Badge } from '#ui/badge.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import type { Tone } from '#ui/tone.ts'
import { HealthPanels } from './health-panels.tsx'

const LOOK_AGAIN_MS = 5_000

const STATES: Record<NodeView['state'], { word: string; tone: Tone }> = {
  ready: { word: 'Ready', tone: 'healthy' },
  not_ready: { word: 'Not ready', tone: 'degraded' },
  lost: { word: 'Lost', tone: 'degraded' },
  cordoned: { word: 'Cordoned', tone: 'suspended' },
}

/** A node's gauge: as a quota whose limit is what the node has. */
function nodeUsage({ allocatable, reserved, used }: Pick<NodeView, 'allocatable' | 'reserved' | 'used'>) {
  const load = { limits: UNLIMITED, reserved, surge: NO_RESOURCES }
  return {
    usage: { ...standingsOf({ limits: UNLIMITED, environments: [load] }).team, used },
    capacity: { allocatable, reserved },
  }
}

function NodeItem({ node }: { node: NodeView }) {
  const { word, tone } = STATES[node.state]
  return (
    <li className="flex flex-col gap-3 px-4 py-3">
      <div className="flex min-w-0 flex-wrap items-center gap-2">
        <span className="min-w-0 break-all font-medium">{node.name}</span>
        <Badge tone={tone}>{word}</Badge>
        <span className="ml-auto text-ink-3 text-xs">Kubernetes {node.kubelet}</span>
      </div>
      {node.problem && <p className="text-degraded text-sm">{node.problem}</p>}
      <UsageMeters {...nodeUsage(node)} name={`node ${node.name}`} />
    </li>
  )
}

/** Quotas against what is there: they may promise more than the cluster holds. */
function Promised({ capacity, promised }: Pick<ClusterCapacityView, 'capacity' | 'promised'>) {
  if (!capacity) return null
  const lines = RESOURCE_KEYS.map((key) => {
    const sum = promised[key]
    const holds = shortAmount(key, capacity.allocatable[key])
    if (sum === null) return { key, text: `unlimited of ${holds}`, over: false }
    const over = sum > capacity.allocatable[key]
    return { key, text: `${shortAmount(key, sum)} of ${holds}${over ? ', more than the cluster holds' : ''}`, over }
  })
  return (
    <p className="mt-3 text-ink-3 text-xs tabular">
      Quotas of all teams together:{' '}
      {lines.map(({ key, text, over }, index) => (
        <span key={key} className={over ? 'text-warning' : undefined}>
          {RESOURCE_NAMES[key]} {text}
          {index < lines.length - 1 ? '; ' : '.'}
        </span>
      ))}
    </p>
  )
}

function ClusterPanels({ cluster }: { cluster: ClusterCapacityView }) {
  const { nodes, capacity, waiting, promised } = cluster
  if (!nodes || !capacity) {
    return (
      <Panel title="Capacity">
        <p className="text-ink-2 text-sm">
          The cluster is not reachable, so its nodes are unknown. Running apps keep running. See the health of the parts
          below.
        </p>
      </Panel>
    )
  }
  const measured = nodes.some(({ used }) => used !== null)
  const used = nodes.reduce<NodeView['used']>((sum, node) => {
    if (!node.used) return sum
    const base = sum ?? NO_RESOURCES
    return {
      cpuMillis: base.cpuMillis + node.used.cpuMillis,
      memoryMiB: base.memoryMiB + node.used.memoryMiB,
      instances: base.instances + node.used.instances,
    }
  }, null)
  const waits = waiting && waiting.instances > 0
  return (
    <>
      <Panel
        title="Capacity"
        about="What ready nodes offer to pods: apps, builds and the cluster’s own."
        footer={<UsageLegend measured={measured} />}
      >
        <UsageMeters {...nodeUsage({ ...capacity, used })} name="the cluster" />
        {waits && (
          <p className="mt-3 text-warning text-sm">
            {waiting.instances} {waiting.instances === 1 ? 'instance waits' : 'instances wait'} for a node:{' '}
            {shortAmount('cpuMillis', waiting.cpuMillis)} CPU, {shortAmount('memoryMiB', waiting.memoryMiB)} memory.
          </p>
        )}
        <Promised capacity={capacity} promised={promised} />
      </Panel>
      <Panel title="Nodes" actions={<span className="text-ink-3 text-xs tabular">{nodes.length}</span>} flush>
        {nodes.length === 0 ? (
          <p className="px-4 py-6 text-center text-ink-3 text-sm">The cluster has no nodes, so nothing can run.</p>
        ) : (
          <ul className="divide-y">
            {nodes.map((node) => (
              <NodeItem key={node.name} node={node} />
            ))}
          </ul>
        )}
      </Panel>
    </>
  )
}

/** What the cluster holds, node by node, and how Slipway itself does. */
export function ClusterPage() {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery(
    trpc.admin.cluster.queryOptions(undefined, { refetchInterval: LOOK_AGAIN_MS }),
  )
  return (
    <>
      {error && !data && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && (
        <Panel title="Capacity" flush>
          <SkeletonRows label="Loading the cluster" />
        </Panel>
      )}
      {data && <ClusterPanels cluster={data} />}
      <HealthPanels />
    </>
  )
}
