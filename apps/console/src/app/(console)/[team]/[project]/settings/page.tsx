import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { type Params, projectParams } from '#lib/params.ts'
import { ProjectSettings } from '#projects/project-settings.tsx'

export const metadata: Metadata = { title: 'Project settings' }

export default async function Page({ params }: { params: Params }) {
  const projectRef = await projectParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.project.get.queryOptions(projectRef)))
  return (
    <Hydrate>
      <ProjectSettings projectRef={projectRef} />
    </Hydrate>
  )
}
