import { slugify } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'

export function registerTeams(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const teams = program.command('teams').description('Teams you are in')
  teams
    .command('list', { isDefault: true })
    .description('List the teams you are in, and your role')
    .action(() =>
      withSession(runtime, async ({ api }) => {
        const account = await api.account.get.query()
        answer(io, account.teams, (list) => {
          if (list.length === 0)
            return say(io, 'You are not in a team yet. Create one with "slipway teams create <name>".')
          table(
            io,
            ['TEAM', 'NAME', 'ROLE'],
            list.map(({ team, name, role }) => [team, name, role]),
          )
        })
      }),
    )
  teams
    .command('create <name>')
    .description('Create a team; you become its owner')
    .option('--slug <slug>', 'its part of addresses (default: derived from the name)')
    .action((name: string, options: { slug?: string }) =>
      withSession(runtime, async ({ api }) => {
        const made = await api.team.create.mutate({ name, team: options.slug ?? slugify(name) })
        answer(io, made, ({ team }) => say(io, `Created the team ${team}.`))
      }),
    )
}
