import { releaseRefSchema } from '@slipway/domain'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { ReleaseLogPage } from '#apps/release-log-page.tsx'
import { appParams, type Params } from '#lib/params.ts'

interface ReleaseRouteProps {
  params: Params
}

async function releaseNumber(params: Params): Promise<number> {
  const parsed = releaseRefSchema.shape.release.safeParse(Number((await params).release))
  return parsed.success ? parsed.data : notFound()
}

export async function generateMetadata({ params }: ReleaseRouteProps): Promise<Metadata> {
  return { title: `Release command of v${await releaseNumber(params)}` }
}

export default async function Page({ params }: ReleaseRouteProps) {
  const appRef = await appParams(params)
  const release = await releaseNumber(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.release.get.queryOptions({ ...appRef, release })))
  return (
    <Hydrate>
      <ReleaseLogPage appRef={appRef} release={release} />
    </Hydrate>
  )
}
