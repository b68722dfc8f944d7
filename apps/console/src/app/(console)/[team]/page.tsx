import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { type Params, teamParams } from '#lib/params.ts'
import { TeamPage } from '#teams/team-page.tsx'

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  return { title: (await teamParams(params)).team }
}

export default async function Page({ params }: { params: Params }) {
  const teamRef = await teamParams(params)
  const { trpc, queryClient } = await serverApi()
  await Promise.all([
    load(queryClient.fetchQuery(trpc.team.get.queryOptions(teamRef))),
    load(queryClient.fetchQuery(trpc.quota.get.queryOptions(teamRef))),
  ])
  return (
    <Hydrate>
      <TeamPage teamRef={teamRef} />
    </Hydrate>
  )
}
