'use client'

import { roleAllows } from '@slipway/domain'
import { Plus } from 'lucide-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useAccount } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'

/** What stands in place of the form for who can create apps nowhere; null for all others. */
export function useBarred(): ReactNode {
  const account = useAccount()
  if (!account || account.teams.some(({ role }) => roleAllows(role, 'app.create'))) return null
  if (account.teams.length === 0) {
    return (
      <Panel flush>
        <EmptyState
          icon={Plus}
          title="You are not in a team yet"
          action={
            account.mayCreateTeams && (
              <Button asChild variant="primary">
                <Link href="/welcome">Create a team</Link>
              </Button>
            )
          }
        >
          {account.mayCreateTeams
            ? 'An app belongs to a team. Create one, or ask a colleague to invite you to theirs.'
            : 'An app belongs to a team. Ask a colleague to invite you to theirs, or an operator to create one.'}
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel title="You cannot create apps">
      <ul className="flex flex-col gap-3">
        {account.teams.map(({ team, name }) => (
          <li key={team}>
            <p className="font-medium text-sm">{name}</p>
            <WhoCan team={team} permission="app.create" what="create apps here, or give you the role developer" />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
