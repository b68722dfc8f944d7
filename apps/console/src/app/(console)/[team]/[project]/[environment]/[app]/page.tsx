import { Overview } from '#apps/overview.tsx'
import { appParams, type Params } from '#lib/params.ts'

export default async function OverviewPage({ params }: { params: Params }) {
  return <Overview appRef={await appParams(params)} />
}
