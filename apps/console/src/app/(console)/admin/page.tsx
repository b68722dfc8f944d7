import type { Metadata } from 'next'
import { ClusterPage } from '#admin/cluster-page.tsx'

export const metadata: Metadata = { title: 'Cluster' }

export default function Page() {
  return <ClusterPage />
}
