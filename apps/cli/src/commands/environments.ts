import { AppError, ENVIRONMENT_KINDS, type EnvironmentKind, type ProjectRef } from '@slipway/domain'
import { type Command, Option } from 'commander'
import type { Api } from '../client.ts'
import { confirmName } from '../confirm.ts'
import { answer, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { teamOf } from './projects.ts'

export interface ProjectOptions {
  team?: string
  project?: string
}

/** The project that is meant: the one named, or the only one of the team. Throws `invalid_input` with the choices. */
async function projectOf(api: Api, { team: named, project }: ProjectOptions): Promise<ProjectRef> {
  const team = await teamOf(api, named)
  if (project) return { team, project }
  const { projects } = await api.team.get.query({ team })
  const [only] = projects
  if (only && projects.length === 1) return { team, project: only.project }
  if (!only)
    throw new AppError(
      'not_found',
      `The team ${team} has no project yet. Create one with "slipway projects create <name>".`,
    )
  throw new AppError(
    'invalid_input',
    `The team ${team} has several projects. Say which with --project: ${projects.map((each) => each.project).join(', ')}.`,
  )
}

function withPlace(command: Command): Command {
  return command
    .option('-t, --team <team>', 'team of the project (default: your only one)')
    .option('-p, --project <project>', 'project (default: the only one)')
}

/** `slipway env`: the stages of a project. */
export function registerEnvironments(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const environments = program.command('env').description('Environments of a project: production, staging, previews')
  withPlace(environments.command('list', { isDefault: true }).description('List environments')).action(
    (options: ProjectOptions) =>
      withSession(runtime, async ({ api }) => {
        const project = await api.project.get.query(await projectOf(api, options))
        answer(io, project.environments, (list) =>
          table(
            io,
            ['ENVIRONMENT', 'KIND'],
            list.map(({ environment, kind }) => [environment, kind]),
          ),
        )
      }),
  )
  withPlace(environments.command('create <name>').description('Create an environment'))
    .addOption(new Option('-k, --kind <kind>', 'how it is guarded').choices(ENVIRONMENT_KINDS).default('staging'))
    .action((environment: string, options: ProjectOptions & { kind: EnvironmentKind }) =>
      withSession(runtime, async ({ api }) => {
        const ref = await projectOf(api, options)
        const project = await api.environment.create.mutate({ ...ref, environment, kind: options.kind })
        answer(io, project, () => say(io, `Created ${ref.team}/${ref.project}/${environment}.`))
      }),
    )
  withPlace(
    environments.command('delete <name>').description('Delete an environment with all its apps; asks for its name'),
  )
    .option('--confirm <name>', 'its name, instead of being asked')
    .action((environment: string, options: ProjectOptions & { confirm?: string }) =>
      withSession(runtime, async ({ api }) => {
        const ref = { ...(await projectOf(api, options)), environment }
        const confirm = await confirmName(runtime, environment, options.confirm)
        const left = await api.environment.delete.mutate({ ...ref, confirm })
        answer(io, left, () => say(io, `Deleting ${ref.team}/${ref.project}/${environment} and everything in it.`))
      }),
    )
}
