'use client'

import type { TeamRef } from '@slipway/domain'
import type { ReactNode } from 'react'
import { paths } from '#lib/paths.ts'
import { useAccount, useMay } from '#shell/use-account.ts'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { TabBar } from '#ui/tab-bar.tsx'

/** Title and tabs round the pages of a team's settings. */
export function TeamFrame({ teamRef, children }: { teamRef: TeamRef; children: ReactNode }) {
  const name = useAccount()?.teams.find((each) => each.team === teamRef.team)?.name ?? teamRef.team
  const mayReadRegistries = useMay(teamRef.team, 'registry.read')
  const mayAudit = useMay(teamRef.team, 'audit.read')
  const tab = (label: string, page?: 'members' | 'quota' | 'registries' | 'audit') => ({
    href: paths.teamSettings(teamRef, page),
    label,
  })
  return (
    <Page>
      <PageHeader title={name} />
      <div className="border-b">
        <TabBar
          label="Pages of the team"
          tabs={[
            tab('General'),
            tab('Members', 'members'),
            tab('Quota', 'quota'),
            ...(mayReadRegistries ? [tab('Registries', 'registries')] : []),
            ...(mayAudit ? [tab('Audit', 'audit')] : []),
          ]}
        />
      </div>
      {children}
    </Page>
  )
}
