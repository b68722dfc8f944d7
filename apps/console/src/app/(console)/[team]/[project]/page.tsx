import type { Metadata } from 'next'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { type Params, projectParams } from '#lib/params.ts'
import { ProjectPage } from '#projects/project-page.tsx'

export async function generateMetadata({ params }: { params: Params }): Promise<Metadata> {
  const { team, project } = await projectParams(params)
  return { title: `${project} (${team})` }
}

export default async function Page({ params }: { params: Params }) {
  const projectRef = await projectParams(params)
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.project.get.queryOptions(projectRef)))
  return (
    <Hydrate>
      <ProjectPage projectRef={projectRef} />
    </Hydrate>
  )
}
