import type { ReactNode } from 'react'
import { AdminFrame } from '#admin/admin-frame.tsx'
import { load, serverApi } from '#api/server.ts'

/** Asks for what only operators get, so that everyone else sees who they are. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.admin.settings.queryOptions()))
  return <AdminFrame>{children}</AdminFrame>
}
