import { redirect } from 'next/navigation'
import { type Params, projectParams } from '#lib/params.ts'
import { paths } from '#lib/paths.ts'

/** An environment is a column of its project's page. */
export default async function Page({ params }: { params: Params }) {
  const { environment } = await params
  redirect(`${paths.project(await projectParams(params))}#${encodeURIComponent(String(environment))}`)
}
