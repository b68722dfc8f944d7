import type { Metadata } from 'next'
import { BuildsPage } from '#apps/builds-page.tsx'
import { appParams, type Params } from '#lib/params.ts'

export const metadata: Metadata = { title: 'Builds' }

export default async function Page({ params }: { params: Params }) {
  return <BuildsPage appRef={await appParams(params)} />
}
