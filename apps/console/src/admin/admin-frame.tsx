'use client'

import type { ReactNode } from 'react'
import { paths } from '#lib/paths.ts'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { TabBar } from '#ui/tab-bar.tsx'

const TABS = [
  { href: paths.admin(), label: 'Cluster' },
  { href: paths.admin('teams'), label: 'Teams' },
  { href: paths.admin('accounts'), label: 'Accounts' },
  { href: paths.admin('builds'), label: 'Builds' },
  { href: paths.admin('settings'), label: 'Settings and audit' },
]

/** Title and tabs round the operators' pages. */
export function AdminFrame({ children }: { children: ReactNode }) {
  return (
    <Page>
      <PageHeader title="Installation" about="What all teams share. Only operators see these pages." />
      <div className="border-b">
        <TabBar label="Pages of the installation" tabs={TABS} />
      </div>
      {children}
    </Page>
  )
}
