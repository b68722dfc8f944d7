import { buildRefSchema } from '@slipway/domain'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { BuildPage } from '#apps/build-page.tsx'
import { appParams, type Params } from '#lib/params.ts'

interface BuildRouteProps {
  params: Params
}

async function buildNumber(params: Params): Promise<number> {
  const parsed = buildRefSchema.shape.build.safeParse(Number((await params).build))
  return parsed.success ? parsed.data : notFound()
}

export async function generateMetadata({ params }: BuildRouteProps): Promise<Metadata> {
  return { title: `Build #${await buildNumber(params)}` }
}

export default async function Page({ params }: BuildRouteProps) {
  const appRef = await appParams(params)
  const build = await buildNumber(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.build.get.queryOptions({ ...appRef, build })))
  return (
    <Hydrate>
      <BuildPage appRef={appRef} build={build} />
    </Hydrate>
  )
}
