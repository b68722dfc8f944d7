import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { type Params, teamParams } from '#lib/params.ts'
import { Invitations } from '#teams/invitations.tsx'
import { MemberList } from '#teams/member-list.tsx'

export const metadata: Metadata = { title: 'Members' }

export default async function Page({ params }: { params: Params }) {
  const teamRef = await teamParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.member.list.queryOptions(teamRef)))
  return (
    <Hydrate>
      <MemberList teamRef={teamRef} />
      <Invitations teamRef={teamRef} />
    </Hydrate>
  )
}
