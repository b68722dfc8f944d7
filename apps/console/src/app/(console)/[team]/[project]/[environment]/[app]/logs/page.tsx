import type { Metadata } from 'next'
import { appParams, type Params } from '#lib/params.ts'
import { LogsPage } from '#logs/logs-page.tsx'

export const metadata: Metadata = { title: 'Logs' }

export default async function Page({ params }: { params: Params }) {
  return <LogsPage appRef={await appParams(params)} />
}
