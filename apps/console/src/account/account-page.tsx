'use client'

import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { useAccount } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { CliPanel } from './cli-panel.tsx'
import { EventsPanel } from './events-panel.tsx'
import { PasswordPanel } from './password-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'
import { TokensPanel } from './tokens-panel.tsx'

/** One's own account: tokens, sessions, teams, password, what happened to it. */
export function AccountPage() {
  const account = useAccount()
  return (
    <Page narrow>
      <PageHeader title={account?.name ?? 'Account'} about={account?.email} />
      <TokensPanel />
      <SessionsPanel />
      <Panel
        title="Teams"
        flush
        actions={
          account?.mayCreateTeams && (
            <Button asChild size="sm">
              <Link href="/welcome?new=team">New team</Link>
            </Button>
          )
        }
      >
        <ul className="divide-y">
          {account?.teams.map((team) => (
            <li key={team.team} className="flex items-center gap-4 px-4 py-2.5">
              <Link href={paths.team(team)} className="min-w-0 flex-1 truncate text-base hover:underline">
                {team.name}
              </Link>
              <span className="text-ink-3 text-xs">{team.role}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <CliPanel />
      <PasswordPanel />
      <EventsPanel />
    </Page>
  )
}
