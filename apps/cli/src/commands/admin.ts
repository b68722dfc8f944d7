import { type AdminTeamView, formatAmount, RESOURCE_KEYS, type ResourceLimits, type Resources } from '@slipway/domain'
import { type Command, Option } from 'commander'
import { answer, type Io, note, say, table } from '../io.ts'
import { parseCount, parseCpu, parseMemory } from '../parse.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { ago } from '../time.ts'
import { registerAdminAccounts } from './admin-accounts.ts'
import { registerAdminBuilds } from './admin-builds.ts'

const PAGE = 100
const amounts = (of: Resources | null) =>
  RESOURCE_KEYS.map((key) => (of === null ? 'not measured' : formatAmount(key, of[key])))

function registerNodes(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  admin
    .command('nodes')
    .description('Nodes of the cluster: what they have, what is reserved and what is used')
    .action(() =>
      withSession(runtime, async ({ api }) =>
        answer(io, await api.admin.cluster.query(), ({ nodes }) => {
          if (nodes === null) return say(io, 'The cluster is away, so its nodes are not known.')
          const rows = nodes.flatMap(({ name, state, allocatable, reserved, used }) => {
            const [has, holds, takes] = [amounts(allocatable), amounts(reserved), amounts(used)]
            return has.map((amount, index) => [
              ...(index === 0 ? [name, state.replace('_', ' ')] : ['', '']),
              amount,
              holds[index] ?? '',
              takes[index] ?? '',
            ])
          })
          table(io, ['NODE', 'STATE', 'ALLOCATABLE', 'RESERVED', 'USED'], rows)
          for (const { name, problem } of nodes) if (problem !== null) note(io, `${name}: ${problem}`)
        }),
      ),
    )
}

function registerHealth(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  admin
    .command('health')
    .description('Health of Slipway’s own parts and queues')
    .action(() =>
      withSession(runtime, async ({ api }) =>
        answer(io, await api.admin.health.query(), ({ parts, queues, builds }) => {
          table(
            io,
            ['PART', 'STATE', ''],
            parts.map(({ name, ok, says }) => [name, ok ? 'well' : 'not well', says]),
          )
          say(io)
          if (queues === null) note(io, 'Another process is reconciling; its queues are in its own log.')
          else {
            const rows = queues.map(({ name, waiting, running, done, failed }) => [
              ...[name, waiting, running, done, failed].map(String),
            ])
            table(io, ['QUEUE', 'WAITING', 'RUNNING', 'DONE', 'FAILED'], rows)
          }
          say(io, `Builds: ${builds.running} running, ${builds.queued} queued, ${builds.limit} at once.`)
        }),
      ),
    )
}

function showTeams(io: Io, teams: readonly AdminTeamView[]): void {
  if (teams.length === 0) {
    say(io, 'No team was found.')
    return
  }
  const limitOf = ({ limits, taken }: AdminTeamView, key: keyof Resources) => {
    const limit = limits[key]
    return limit === null
      ? `${formatAmount(key, taken[key])}, no quota`
      : `${taken[key]} of ${formatAmount(key, limit)}`
  }
  const rows = teams.map((team) => [
    team.team,
    String(team.members),
    String(team.apps),
    ...RESOURCE_KEYS.map((key) => limitOf(team, key)),
    team.byOperator ? 'operator' : 'team',
  ])
  table(io, ['TEAM', 'MEMBERS', 'APPS', 'CPU TAKEN', 'MEMORY TAKEN', 'INSTANCES TAKEN', 'SET BY'], rows)
}

interface QuotaOptions {
  cpu?: number
  memory?: number
  instances?: number
  handBack?: boolean
}

/** What is not given is not limited. */
const limitsOf = ({ cpu, memory, instances }: QuotaOptions): ResourceLimits => ({
  cpuMillis: cpu ?? null,
  memoryMiB: memory ?? null,
  instances: instances ?? null,
})

function registerTeams(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  admin
    .command('teams')
    .description('Teams and their quotas, newest first')
    .option('--search <text>', 'a part of the name', '')
    .action(({ search }: { search: string }) =>
      withSession(runtime, async ({ api }) => {
        const page = await api.admin.teams.query({ search, limit: PAGE })
        answer(io, page.items, (teams) => showTeams(io, teams))
        if (page.nextCursor) note(io, `Only the newest ${PAGE}. Narrow them with --search.`)
      }),
    )
  admin
    .command('quota <team>')
    .description('Set the quota of a team; what is not named is not limited. Only operators change it from then on')
    .option('--cpu <amount>', 'CPU of all its instances together, such as 4 or 1500m', parseCpu)
    .option('--memory <amount>', 'memory of all its instances together, such as 8Gi', parseMemory)
    .option('--instances <number>', 'running instances', parseCount(0, 1_000_000))
    .addOption(
      new Option('--hand-back', 'let the team’s admins set it again').conflicts(['cpu', 'memory', 'instances']),
    )
    .action((team: string, options: QuotaOptions) =>
      withSession(runtime, async ({ api }) => {
        const limits = options.handBack ? null : limitsOf(options)
        answer(io, await api.admin.setQuota.mutate({ team, limits }), () =>
          say(io, limits ? `Set the quota of ${team}.` : `The admins of ${team} can set its quota again.`),
        )
      }),
    )
}

function registerSettings(admin: Command, runtime: Runtime): void {
  const { io } = runtime
  const creation = new Option('--teams <who>', 'who may create teams').choices(['everyone', 'operators'])
  admin
    .command('settings')
    .description('Show or change the settings of the installation')
    .addOption(creation)
    .action(({ teams }: { teams?: 'everyone' | 'operators' }) =>
      withSession(runtime, async ({ api }) => {
        const settings = teams
          ? await api.admin.updateSettings.mutate({ teamCreation: teams })
          : await api.admin.settings.query()
        answer(io, settings, ({ teamCreation }) => say(io, `Teams are created by: ${teamCreation}.`))
      }),
    )
  admin
    .command('audit')
    .description('What operators did, newest first')
    .action(() =>
      withSession(runtime, async ({ api }) => {
        const { items } = await api.admin.audit.query({ limit: PAGE })
        answer(io, items, (events) => {
          if (events.length === 0) return say(io, 'Operators have changed nothing yet.')
          const rows = events.map(({ at, actor, summary }) => [ago(at, runtime.nowMs()), actor, summary])
          table(io, ['WHEN', 'WHO', 'WHAT'], rows)
        })
      }),
    )
}

/** What the console's page "Installation" does, for operators. */
export function registerAdmin(program: Command, runtime: Runtime): void {
  const admin = program.command('admin').description('The whole installation: for operators only')
  registerNodes(admin, runtime)
  registerHealth(admin, runtime)
  registerTeams(admin, runtime)
  registerAdminAccounts(admin, runtime)
  registerAdminBuilds(admin, runtime)
  registerSettings(admin, runtime)
}
