import type { Metadata } from 'next'
import { appParams, type Params } from '#lib/params.ts'
import { NetworkingPage } from '#networking/networking-page.tsx'

export const metadata: Metadata = { title: 'Networking' }

export default async function Page({ params }: { params: Params }) {
  return <NetworkingPage appRef={await appParams(params)} />
}
