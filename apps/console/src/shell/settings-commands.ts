import { type AccountView, type MemberView, type Permission, roleAllows } from '@slipway/domain'
import { FolderTree, Gauge, KeyRound, type LucideIcon, ScrollText, Server, Settings, User, Users } from 'lucide-react'
import { paths } from '#lib/paths.ts'
import type { Place } from '#lib/route.ts'
import type { PaletteCommand } from './palette-command.ts'

type Team = AccountView['teams'][number]
type Go = (href: string) => void
type TeamPage = Parameters<typeof paths.teamSettings>[1]

const TEAM_PAGES: readonly { page?: TeamPage; about: string; icon: LucideIcon; permission?: Permission }[] = [
  { page: 'members', about: 'Members', icon: Users },
  { page: 'quota', about: 'Quota', icon: Gauge },
  { page: 'registries', about: 'Registries', icon: KeyRound, permission: 'registry.read' },
  { page: 'audit', about: 'Audit', icon: ScrollText, permission: 'audit.read' },
  { about: 'Team settings', icon: Settings },
]

/** The pages of each team that the role may read. */
export function teamCommands(teams: readonly Team[], go: Go): PaletteCommand[] {
  return teams.flatMap((team) => [
    {
      ...{ id: `team:${team.team}`, group: 'Teams', label: team.name, about: 'Projects', icon: FolderTree },
      run: () => go(paths.team(team)),
    },
    ...TEAM_PAGES.filter(({ permission }) => !permission || roleAllows(team.role, permission)).map(
      ({ page, about, icon }) => ({
        ...{ id: `settings:${team.team}:${page ?? 'general'}`, group: 'Teams', label: team.name, about, icon },
        run: () => go(paths.teamSettings(team, page)),
      }),
    ),
  ])
}

/** The settings of the project in view, and one's own. */
export function settingsCommands({ team, project }: Place, go: Go): PaletteCommand[] {
  const group = 'Settings'
  const own = (id: string, label: string) => ({
    ...{ id: `account:${id}`, group, label, icon: Settings },
    run: () => go(`${paths.account}#${id}`),
  })
  const ofProject: PaletteCommand[] =
    team && project
      ? [
          {
            ...{ id: 'settings:project', group, label: 'Project settings', about: project, icon: Settings },
            run: () => go(paths.projectSettings({ team, project })),
          },
        ]
      : []
  return [
    ...ofProject,
    own('tokens', 'API tokens'),
    own('sessions', 'Sessions'),
    own('password', 'Password'),
    own('events', 'Account activity'),
  ]
}

/** The people of the teams; each leads to where their role is. */
export function peopleCommands(
  teams: readonly (Team & { members: readonly MemberView[] })[],
  go: Go,
): PaletteCommand[] {
  return teams.flatMap((team) =>
    team.members.map(({ name, email, role }) => ({
      ...{ id: `member:${team.team}:${email}`, group: 'People', label: name, icon: User },
      about: `${email} · ${role} in ${team.name}`,
      run: () => go(paths.member(team, email)),
    })),
  )
}

/** The pages of operators. */
export function adminCommands(go: Go): PaletteCommand[] {
  const page = (label: string, href: string) => ({
    ...{ id: `admin:${label}`, group: 'Installation', label, icon: Server },
    run: () => go(href),
  })
  return [
    page('Nodes and capacity', paths.admin()),
    page('Teams and their quotas', paths.admin('teams')),
    page('Accounts', paths.admin('accounts')),
    page('Builds of all teams', paths.admin('builds')),
    page('Settings and audit of operators', paths.admin('settings')),
  ]
}
