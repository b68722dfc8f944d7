import type { Metadata } from 'next'
import { BuildPanel } from '#app-settings/build-panel.tsx'
import { DeleteApp } from '#app-settings/delete-app.tsx'
import { DeliveriesPanel } from '#app-settings/deliveries-panel.tsx'
import { SourcePanel } from '#app-settings/source-panel.tsx'
import { appParams, type Params } from '#lib/params.ts'

export const metadata: Metadata = { title: 'Settings' }

export default async function Page({ params }: { params: Params }) {
  const appRef = await appParams(params)
  return (
    <div className="flex flex-col gap-4">
      <BuildPanel appRef={appRef} />
      <SourcePanel appRef={appRef} />
      <DeliveriesPanel appRef={appRef} />
      <DeleteApp appRef={appRef} />
    </div>
  )
}
