import type { Metadata } from 'next'
import { AccountPage } from '#account/account-page.tsx'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'

export const metadata: Metadata = { title: 'Account' }

export default async function Page() {
  const { trpc, queryClient } = await serverApi()
  await load(
    Promise.all([
      queryClient.fetchQuery(trpc.token.list.queryOptions()),
      queryClient.fetchQuery(trpc.session.list.queryOptions()),
    ]),
  )
  return (
    <Hydrate>
      <AccountPage />
    </Hydrate>
  )
}
