import type { Metadata } from 'next'
import { appParams, type Params } from '#lib/params.ts'
import { ProcessesPage } from '#processes/processes-page.tsx'

export const metadata: Metadata = { title: 'Processes' }

export default async function Page({ params }: { params: Params }) {
  return <ProcessesPage appRef={await appParams(params)} />
}
