import type { Metadata } from 'next'
import { type Params, teamParams } from '#lib/params.ts'
import { AuditPage } from '#teams/audit-page.tsx'

export const metadata: Metadata = { title: 'Audit' }

export default async function Page({ params }: { params: Params }) {
  return <AuditPage teamRef={await teamParams(params)} />
}
