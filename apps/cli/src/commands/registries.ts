import { AppError, type RegistryView } from '@slipway/domain'
import type { Command } from 'commander'
import { answer, type Io, say, table } from '../io.ts'
import { ask, readSecretFromStdin } from '../prompt.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { ago } from '../time.ts'
import { teamOf } from './projects.ts'

interface TeamOption {
  team?: string
}
interface AddOptions extends TeamOption {
  username: string
  passwordStdin?: boolean
}

function listRegistries(io: Io, registries: readonly RegistryView[], nowMs: number): void {
  if (registries.length === 0) {
    say(io, 'No registries yet. Add one with "slipway registries add ghcr.io --username <name>".')
    return
  }
  const rows = registries.map(({ host, username, updatedAt, updatedBy }) => [
    host,
    username,
    ago(updatedAt, nowMs),
    updatedBy,
  ])
  table(io, ['REGISTRY', 'USER', 'CHANGED', 'BY'], rows)
}

async function passwordOf({ io, signal }: Runtime, options: AddOptions): Promise<string> {
  if (options.passwordStdin) return readSecretFromStdin(io, 'password')
  if (io.interactive) return ask(io, 'Password or access token: ', { secret: true, signal })
  throw new AppError('invalid_input', 'There is no terminal to ask for the password on: give it with --password-stdin.')
}

export function registerRegistries(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const team = ['-t, --team <team>', 'team they belong to (default: your only one)'] as const
  const registries = program.command('registries').description('Credentials of a team for pulling private images')
  registries
    .command('list', { isDefault: true })
    .description('List registries; passwords are never shown')
    .option(...team)
    .action((options: TeamOption) =>
      withSession(runtime, async ({ api }) => {
        const list = await api.registry.list.query({ team: await teamOf(api, options.team) })
        answer(io, list, () => listRegistries(io, list, runtime.nowMs()))
      }),
    )
  registries
    .command('add <host>')
    .description('Add credentials for a registry, or replace them')
    .requiredOption('-u, --username <name>', 'user name')
    .option('--password-stdin', 'read the password or access token from standard input')
    .option(...team)
    .action((host: string, options: AddOptions) =>
      withSession(runtime, async ({ api }) => {
        const { username } = options
        const input = { team: await teamOf(api, options.team), host, username }
        const list = await api.registry.set.mutate({ ...input, password: await passwordOf(runtime, options) })
        answer(io, list, () => say(io, `Stored. Instances of ${input.team} that start from now on pull with it.`))
      }),
    )
  registries
    .command('remove <host>')
    .description('Remove the credentials for a registry; running instances are not affected')
    .option(...team)
    .action((host: string, options: TeamOption) =>
      withSession(runtime, async ({ api }) => {
        const list = await api.registry.remove.mutate({ team: await teamOf(api, options.team), host })
        answer(io, list, () => say(io, `Removed the credentials for ${host}.`))
      }),
    )
}
