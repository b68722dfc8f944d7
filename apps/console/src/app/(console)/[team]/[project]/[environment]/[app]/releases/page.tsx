import type { Metadata } from 'next'
import { ReleasesPage } from '#apps/releases-page.tsx'
import { appParams, type Params } from '#lib/params.ts'

export const metadata: Metadata = { title: 'Releases' }

export default async function Page({ params }: { params: Params }) {
  return <ReleasesPage appRef={await appParams(params)} />
}
