'use client'

import type { AppSummary } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { Box, Plus, Search } from 'lucide-react'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { useAccount } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Input } from '#ui/input.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { AppRow } from './app-row.tsx'

/** True when somebody should look at the app: it is broken, or its last deploy did not make it. */
function needsAttention(app: AppSummary): boolean {
  return app.health.status === 'Degraded' || app.lastRelease?.status === 'failed'
}

const keyOf = ({ ref }: AppSummary) => `${ref.team}/${ref.project}/${ref.environment}/${ref.app}`

function matches(app: AppSummary, query: string): boolean {
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${keyOf(app)} ${app.health.status}`.toLowerCase().includes(word))
}

function AppList({ title, apps }: { title: string; apps: readonly AppSummary[] }) {
  return (
    <Panel flush title={title} actions={<span className="text-ink-3 text-xs tabular">{apps.length}</span>}>
      <ul className="divide-y">
        {apps.map((app) => (
          <AppRow key={keyOf(app)} app={app} />
        ))}
      </ul>
    </Panel>
  )
}

function NoApps() {
  return (
    <Panel>
      <EmptyState
        icon={Box}
        title="No apps yet"
        action={
          <Button asChild variant="primary">
            <Link href={paths.newApp()}>
              <Plus aria-hidden />
              New app
            </Link>
          </Button>
        }
        command={
          <CodeBlock shell code="npx slipway apps create my-app --team my-team --project my-project" what="command" />
        }
      >
        An app is one thing that runs: push its code with git, or name an image. It gets an address, logs, and a rollout
        without downtime.
      </EmptyState>
    </Panel>
  )
}

/** My apps across all teams; what needs somebody comes first. */
export function Home() {
  const trpc = useTRPC()
  const account = useAccount()
  const [query, setQuery] = useQueryParam('q')
  const { data: apps, error, refetch } = useQuery(trpc.app.list.queryOptions({}))
  const shown = (apps ?? []).filter((app) => matches(app, query))
  const troubled = shown.filter(needsAttention)
  const calm = shown.filter((app) => !needsAttention(app))
  const byTeam = Map.groupBy(calm, (app) => app.ref.team)
  const nameOf = (team: string) => account?.teams.find((each) => each.team === team)?.name ?? team
  return (
    <div className="mx-auto flex w-full max-w-[1280px] flex-col gap-4 px-4 py-5 md:px-6">
      <PageHeader
        title="Apps"
        actions={
          <Button asChild variant="primary">
            <Link href={paths.newApp()}>
              <Plus aria-hidden />
              New app
            </Link>
          </Button>
        }
      />
      {error && !apps && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!apps && !error && (
        <Panel flush>
          <SkeletonRows label="Loading apps" />
        </Panel>
      )}
      {apps && apps.length > 3 && (
        <div className="relative max-w-sm">
          <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-ink-3" />
          <Input
            type="search"
            aria-label="Filter apps"
            placeholder="Filter by name, project, environment, health"
            className="pl-8"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
      )}
      {apps?.length === 0 && <NoApps />}
      {apps && apps.length > 0 && shown.length === 0 && (
        <p role="status" className="py-8 text-center text-ink-2 text-sm">
          No app matches “{query}”.
        </p>
      )}
      {troubled.length > 0 && <AppList title="Needs attention" apps={troubled} />}
      {[...byTeam].map(([team, list]) => (
        <AppList key={team} title={nameOf(team)} apps={list} />
      ))}
    </div>
  )
}
