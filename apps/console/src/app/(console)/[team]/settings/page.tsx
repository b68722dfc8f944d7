import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { type Params, teamParams } from '#lib/params.ts'
import { GeneralPage } from '#teams/general-page.tsx'

export const metadata: Metadata = { title: 'Team settings' }

export default async function Page({ params }: { params: Params }) {
  const teamRef = await teamParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.team.get.queryOptions(teamRef)))
  return (
    <Hydrate>
      <GeneralPage teamRef={teamRef} />
    </Hydrate>
  )
}
