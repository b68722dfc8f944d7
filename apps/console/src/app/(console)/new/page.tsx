import { slugSchema } from '@slipway/domain'
import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { NewAppForm } from '#new-app/new-app-form.tsx'
import { IsolationNote } from '#shell/isolation-note.tsx'
import { PageHeader } from '#ui/page-header.tsx'

export const metadata: Metadata = { title: 'New app' }

interface NewAppPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function NewAppPage({ searchParams }: NewAppPageProps) {
  const query = await searchParams
  const slug = (name: string) => slugSchema.safeParse(query[name]).data
  const place = { team: slug('team'), project: slug('project'), environment: slug('environment') }
  const { trpc, queryClient } = await serverApi()
  await Promise.all([
    load(queryClient.fetchQuery(trpc.setup.status.queryOptions())),
    place.team ? load(queryClient.fetchQuery(trpc.team.get.queryOptions({ team: place.team }))) : null,
  ])
  return (
    <Hydrate>
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-4 px-4 py-5 md:px-6">
        <PageHeader title="New app" about="Nothing runs until you push code or name an image." />
        <IsolationNote />
        <NewAppForm place={place} name={slug('name')} />
      </div>
    </Hydrate>
  )
}
