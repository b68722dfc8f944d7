'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { MessagePage } from '#ui/message-page.tsx'
import { usePlace } from './use-place.ts'

/** The operators by name, for those who are none. */
function Operators() {
  const trpc = useTRPC()
  const names = useQuery(trpc.account.operators.queryOptions()).data ?? []
  if (names.length === 0) return <p>Only operators of this installation can see it.</p>
  return (
    <p>Only operators of this installation can see it: {new Intl.ListFormat('en').format(names)}. Ask one of them.</p>
  )
}

/** What stands in place of a page that the role does not show: who sees it, and where to go on. */
export function NoRights() {
  const { team, page } = usePlace()
  const isAdmin = page === 'admin'
  return (
    <MessagePage
      title="You do not have access to this page"
      action={
        <>
          {team && (
            <Button asChild variant="primary">
              <Link href={paths.team({ team })}>Projects of the team</Link>
            </Button>
          )}
          <Button asChild variant={team ? 'secondary' : 'primary'}>
            <Link href={paths.home}>All apps</Link>
          </Button>
        </>
      }
    >
      {isAdmin && <Operators />}
      {team && (
        <WhoCan
          team={team}
          permission={page === 'settings/registries' ? 'registry.read' : 'audit.read'}
          what="see it"
        />
      )}
    </MessagePage>
  )
}
