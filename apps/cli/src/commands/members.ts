import { ROLES, type Role } from '@slipway/domain'
import { type Command, Option } from 'commander'
import { answer, say, table } from '../io.ts'
import { type Runtime, withSession } from '../runtime.ts'
import { ago } from '../time.ts'
import { teamOf } from './projects.ts'

interface TeamOption {
  team?: string
}

const roleOption = () => new Option('-r, --role <role>', 'what they may do').choices(ROLES)

function registerList(members: Command, runtime: Runtime): void {
  const { io } = runtime
  members
    .command('list', { isDefault: true })
    .description('List members and open invitations')
    .option('-t, --team <team>', 'of which team (default: your only one)')
    .action((options: TeamOption) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        const people = await api.member.list.query({ team })
        answer(io, people, (list) =>
          table(
            io,
            ['E-MAIL', 'NAME', 'ROLE', 'JOINED'],
            list.map(({ email, name, role, joinedAt }) => [email, name, role, ago(joinedAt, runtime.nowMs())]),
          ),
        )
      }),
    )
}

function registerInvitations(members: Command, runtime: Runtime): void {
  const { io } = runtime
  members
    .command('invite <email>')
    .description('Invite somebody; prints the link to send to them')
    .option('-t, --team <team>', 'to which team (default: your only one)')
    .addOption(roleOption().default('developer'))
    .action((email: string, options: TeamOption & { role: Role }) =>
      withSession(runtime, async ({ api, url }) => {
        const team = await teamOf(api, options.team)
        const made = await api.invitation.create.mutate({ team, email, role: options.role })
        answer(io, { ...made, url: `${url}${made.path}` }, (invitation) => {
          say(io, `Invited ${email} to ${team} as ${invitation.role}. The link works once, for 7 days:`)
          say(io, invitation.url)
        })
      }),
    )
  members
    .command('revoke-invitation <email>')
    .description('Withdraw an invitation')
    .option('-t, --team <team>', 'of which team (default: your only one)')
    .action((email: string, options: TeamOption) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        await api.invitation.revoke.mutate({ team, email })
        answer(io, { team, email }, () => say(io, `The invitation of ${email} no longer works.`))
      }),
    )
}

/** `slipway members`: who is in a team, and as what. */
export function registerMembers(program: Command, runtime: Runtime): void {
  const { io } = runtime
  const members = program.command('members').description('People of a team')
  registerList(members, runtime)
  registerInvitations(members, runtime)
  members
    .command('set-role <email>')
    .description('Change what somebody may do')
    .option('-t, --team <team>', 'in which team (default: your only one)')
    .addOption(roleOption().makeOptionMandatory())
    .action((email: string, options: TeamOption & { role: Role }) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        const changed = await api.member.setRole.mutate({ team, email, role: options.role })
        answer(io, changed, () => say(io, `${email} is now ${options.role} of ${team}.`))
      }),
    )
  members
    .command('remove <email>')
    .description('Remove somebody from a team; their sessions in it end at once')
    .option('-t, --team <team>', 'from which team (default: your only one)')
    .action((email: string, options: TeamOption) =>
      withSession(runtime, async ({ api }) => {
        const team = await teamOf(api, options.team)
        const left = await api.member.remove.mutate({ team, email })
        answer(io, left, () => say(io, `Removed ${email} from ${team}.`))
      }),
    )
}
