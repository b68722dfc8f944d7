import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { AppFrame } from '#apps/app-frame.tsx'
import { appParams, type Params } from '#lib/params.ts'

interface AppLayoutProps {
  params: Params
  children: ReactNode
}

export async function generateMetadata({ params }: AppLayoutProps): Promise<Metadata> {
  const { app, environment } = await appParams(params)
  return { title: { default: `${app} (${environment})`, template: `%s · ${app} (${environment}) · Slipway` } }
}

export default async function AppLayout({ params, children }: AppLayoutProps) {
  const ref = await appParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.app.get.queryOptions(ref)))
  return (
    <Hydrate>
      <AppFrame appRef={ref}>{children}</AppFrame>
    </Hydrate>
  )
}
