import { AppError, slugify } from '@slipway/domain'
import type { Command } from 'commander'
import type { Api } from '../client.ts'
import { confirmName } from '../confirm.ts'
import { answer, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'

/** The team that is meant: the one named, or the only one there is. Throws `invalid_input` with the choices. */
export async function teamOf(api: Api, named: string | undefined): Promise<string> {
  if (named) return named
  const { teams } = await api.account.get.query()
  const [only] = teams
  if (only && teams.length === 1) return only.team
  if (!only)
    throw new AppError('not_found', 'You are not in a team yet. Create one with "slipway teams create <name>".')
  throw new AppError(
    'invalid_input',
    `You are in several teams. Say which with --team: ${teams.map(({ team }) => team).join(', ')}.`,
  )
}

async function list(api: Api, named: string | undefined) {
  const teams = named ? [named] : (await api.account.get.query()).teams.map(({ team }) => team)
  const views = await Promise.all(teams.map((team) => api.team.get.query({ team })))
  return views.flatMap(({ team, projects }) => projects.map((project) => ({ team, ...project })))
}

export function registerProjects(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const projects = program.command('projects').description('Projects of your teams')
  projects
    .command('list', { isDefault: true })
    .description('List projects with their environments')
    .option('-t, --team <team>', 'of one team only')
    .action((options: { team?: string }) =>
      withSession(runtime, async ({ api }) => {
        answer(io, await list(api, options.team), (found) => {
          if (found.length === 0)
            return say(io, 'There are no projects yet. Create one with "slipway projects create <name>".')
          const rows = found.map(({ team, project, name, environments }) => [
            `${team}/${project}`,
            name,
            environments
              .map(({ environment, apps }) => `${environment} (${apps} ${apps === 1 ? 'app' : 'apps'})`)
              .join(', '),
          ])
          table(io, ['PROJECT', 'NAME', 'ENVIRONMENTS'], rows)
        })
      }),
    )
  projects
    .command('create <name>')
    .description('Create a project with an environment called production')
    .option('-t, --team <team>', 'team it belongs to')
    .option('--slug <slug>', 'its part of addresses (default: derived from the name)')
    .action((name: string, options: { team?: string; slug?: string }) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        const made = await api.project.create.mutate({ team, name, project: options.slug ?? slugify(name) })
        answer(io, made, ({ project }) => say(io, `Created the project ${team}/${project}.`))
      }),
    )
  projects
    .command('delete <project>')
    .description('Delete a project with all its environments and apps; asks for its name')
    .option('-t, --team <team>', 'team it belongs to')
    .option('--confirm <name>', 'its name, instead of being asked')
    .action((project: string, options: { team?: string; confirm?: string }) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        const confirm = await confirmName(runtime, project, options.confirm)
        await api.project.delete.mutate({ team, project, confirm })
        answer(io, { deleted: `${team}/${project}` }, () =>
          say(io, `Deleting ${team}/${project} and everything in it.`),
        )
      }),
    )
}
