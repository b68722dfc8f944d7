import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { ConfigPage } from '#config/config-page.tsx'
import { appParams, type Params } from '#lib/params.ts'

export const metadata: Metadata = { title: 'Config' }

export default async function Page({ params }: { params: Params }) {
  const appRef = await appParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.config.list.queryOptions(appRef)))
  return (
    <Hydrate>
      <ConfigPage appRef={appRef} />
    </Hydrate>
  )
}
