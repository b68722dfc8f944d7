'use client'

import type { AppSummary } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useAccount, useMayAnywhere } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Page } from '#ui/page.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { AppTable } from './app-table.tsx'
import { arrange, filterApps, needsAttention } from './app-view.ts'
import { FilterBar } from './filter-bar.tsx'
import { NewAppButton, NoApps } from './no-apps.tsx'
import { useListKeys } from './use-list-keys.ts'
import { useListView } from './use-list-view.ts'

function AppList({ apps }: { apps: readonly AppSummary[] }) {
  const account = useAccount()
  const [view, change] = useListView()
  const search = useRef<HTMLInputElement>(null)
  useListKeys(search)
  const groups = useMemo(() => {
    const nameOf = (team: string) => account?.teams.find((each) => each.team === team)?.name ?? team
    return arrange(filterApps(apps, view), view, nameOf)
  }, [apps, view, account])
  return (
    <>
      <FilterBar
        view={view}
        onChange={change}
        all={apps.length}
        attention={apps.filter(needsAttention).length}
        searchRef={search}
      />
      {groups.length > 0 ? (
        <AppTable groups={groups} view={view} onChange={change} />
      ) : (
        <Panel>
          <EmptyState
            icon={SearchX}
            title={view.query ? `No app matches “${view.query}”` : 'No app needs attention'}
            action={<Button onClick={() => change({ query: '', attention: false })}>Show all {apps.length}</Button>}
          >
            {view.query
              ? 'Every word has to occur in the name, team, project, environment, status or cause.'
              : 'None is failing, and every last release went live.'}
          </EmptyState>
        </Panel>
      )}
    </>
  )
}

/** My apps across all teams. What fails comes first, one group a cause. */
export function Home() {
  const trpc = useTRPC()
  const mayCreate = useMayAnywhere('app.create')
  const { data: apps, error, refetch } = useQuery(trpc.app.list.queryOptions({}))
  return (
    <Page>
      <PageHeader title="Apps" actions={mayCreate && <NewAppButton />} />
      {error && !apps && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!apps && !error && (
        <Panel flush>
          <SkeletonRows label="Loading apps" rows={12} />
        </Panel>
      )}
      {apps?.length === 0 && <NoApps mayCreate={mayCreate} />}
      {apps && apps.length > 0 && <AppList apps={apps} />}
    </Page>
  )
}
