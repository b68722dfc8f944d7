import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { Home } from '#home/home.tsx'

export const metadata: Metadata = { title: 'Apps' }

export default async function HomePage() {
  const { trpc, queryClient } = await serverApi()
  const [account] = await Promise.all([
    load(queryClient.fetchQuery(trpc.account.get.queryOptions())),
    load(queryClient.fetchQuery(trpc.app.list.queryOptions({}))),
    // Without them the page stands: the browser asks again, and says so where it fails.
    queryClient.prefetchQuery(trpc.filter.list.queryOptions()),
  ])
  if (account && account.teams.length === 0) redirect('/welcome')
  return (
    <Hydrate>
      <Home />
    </Hydrate>
  )
}
