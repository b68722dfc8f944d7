import type { Metadata } from 'next'
import { type Params, teamParams } from '#lib/params.ts'
import { RegistriesPage } from '#registries/registries-page.tsx'

export const metadata: Metadata = { title: 'Registries' }

export default async function Page({ params }: { params: Params }) {
  return <RegistriesPage teamRef={await teamParams(params)} />
}
