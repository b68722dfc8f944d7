import { type CapacityView, formatAmount, type QuotaView, RESOURCE_KEYS, type StandingView } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, note, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { teamOf } from './projects.ts'

const NAMES = { cpuMillis: 'CPU', memoryMiB: 'memory', instances: 'instances' } as const
const WHOLES = { environment: 'allocated', team: 'of the team' } as const
const NOT_MEASURED = 'not measured'

/** "500m CPU of 750m CPU allocated"; of the cluster where no limit was set. */
function freeOf({ bounds }: StandingView, key: (typeof RESOURCE_KEYS)[number], capacity: CapacityView | null): string {
  const { level, limit, free } = bounds[key]
  if (level !== null && limit !== null && free !== null) {
    return `${formatAmount(key, free)} of ${formatAmount(key, limit)} ${WHOLES[level]}`
  }
  if (!capacity) return 'unknown: the cluster is away'
  const left = Math.max(0, capacity.allocatable[key] - capacity.reserved[key])
  return `${formatAmount(key, left)} of ${formatAmount(key, capacity.allocatable[key])} in the cluster`
}

function linesOf(place: string, standing: StandingView, capacity: CapacityView | null): string[][] {
  return RESOURCE_KEYS.map((key) => {
    const { reserved, surge, used, limits } = standing
    const limit = limits[key]
    return [
      key === RESOURCE_KEYS[0] ? place : '',
      NAMES[key],
      formatAmount(key, reserved[key]),
      surge[key] > 0 ? formatAmount(key, surge[key]) : '-',
      used === null ? NOT_MEASURED : formatAmount(key, used[key]),
      limit === null ? '-' : formatAmount(key, limit),
      freeOf(standing, key, capacity),
    ]
  })
}

function show(io: Io, team: string, quota: QuotaView): void {
  const rows = [
    ...linesOf(team, quota.team, quota.capacity),
    ...quota.environments.flatMap((each) =>
      linesOf(`${team}/${each.project}/${each.environment}`, each, quota.capacity),
    ),
  ]
  table(io, ['PLACE', 'RESOURCE', 'RESERVED', 'ROLLING OUT', 'USED', 'LIMIT', 'FREE'], rows)
  say(io)
  note(io, 'Reserved is what instances request; used is what they actually consume, as measured by the cluster.')
  if (quota.team.used === null)
    note(io, 'Nothing is measured: the cluster has no metrics server, or it does not answer.')
}

export function registerQuota(program: Command, runtime: Runtime): void {
  const { io } = runtime
  program
    .command('quota')
    .description('What a team and its environments reserve, use and have left')
    .option('-t, --team <team>', 'team it is about (default: your only one)')
    .action((options: { team?: string }) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        answer(io, await api.quota.get.query({ team }), (quota) => show(io, team, quota))
      }),
    )
}
