'use client'

import type { AppSummary, EnvironmentKind, ProjectRef } from '@slipway/domain'
import { Plus } from 'lucide-react'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { PromoteButton } from '#releases/promote-button.tsx'
import { cn } from '#ui/cn.ts'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Glow } from '#ui/glow.tsx'
import { ScrollBox } from '#ui/scroll-box.tsx'
import { AppHealthMark, BuildStatusMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'

export interface EnvironmentColumn {
  environment: string
  kind: EnvironmentKind
  apps: readonly AppSummary[]
}

const ORDER: readonly EnvironmentKind[] = ['preview', 'staging', 'production']

/** Stages in the order in which a release passes them; production last. */
export function inOrder(columns: readonly EnvironmentColumn[]): EnvironmentColumn[] {
  return columns.toSorted(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.environment.localeCompare(b.environment),
  )
}

function AppCell({ app, next }: { app: AppSummary; next: string | null }) {
  const { activeBuild, health, instances, lastRelease } = app
  return (
    <div className="relative -mx-2 -my-1 flex min-w-0 flex-col gap-1 rounded-md px-2 py-1 hover:bg-hover">
      <span className="flex items-center gap-3">
        <AppHealthMark app={app} />
        {activeBuild && health.state !== 'building' && <BuildStatusMark status={activeBuild.status} iconOnly />}
        {instances.wanted > 0 && (
          <span className="ml-auto text-ink-3 text-xs tabular" title="Ready instances of those wanted">
            {instances.ready}/{instances.wanted}
          </span>
        )}
      </span>
      <Link
        href={paths.app(app.ref)}
        className="text-ink-2 text-xs after:absolute after:inset-0 after:rounded-md max-md:line-clamp-2 md:truncate"
        title={health.message}
        aria-label={`${app.ref.app} in ${app.ref.environment}: ${health.message}`}
      >
        <Glow value={health.message}>{health.message}</Glow>
      </Link>
      {lastRelease && (
        <span className="truncate text-ink-3 text-xs">
          <span className="font-mono">v{lastRelease.number}</span> · <Time at={lastRelease.at} />
        </span>
      )}
      {lastRelease?.status === 'live' && next !== null && (
        <span className="-ml-2">
          <PromoteButton appRef={app.ref} release={lastRelease.number} to={next} />
        </span>
      )}
    </div>
  )
}

interface AppMatrixProps {
  projectRef: ProjectRef
  columns: readonly EnvironmentColumn[]
  mayCreate: boolean
}

function ColumnHead({ column, newApp }: { column: EnvironmentColumn; newApp: string | null }) {
  const { environment, kind } = column
  return (
    <th
      scope="col"
      id={environment}
      className={cn(
        'min-w-56 border-b border-l px-4 py-2.5 text-left font-medium text-sm target:bg-accent-soft',
        kind === 'production' && 'border-t-2 border-t-accent',
      )}
    >
      <span className="flex items-center justify-between gap-2">
        <EnvironmentTag name={environment} kind={kind} />
        {newApp && (
          <Link
            href={newApp}
            aria-label={`New app in ${environment}`}
            className="-m-0.5 rounded-sm p-1 text-ink-3 hover:bg-hover hover:text-ink max-md:hidden"
          >
            <Plus aria-hidden className="size-4" />
          </Link>
        )}
      </span>
    </th>
  )
}

/** Environments as columns, apps as rows: what runs where at a glance. Below 768 px each app is a card of its environments. */
export function AppMatrix({ projectRef, columns, mayCreate }: AppMatrixProps) {
  const names = [...new Set(columns.flatMap((column) => column.apps.map((app) => app.ref.app)))].sort()
  const newApp = (environment: string, name?: string) =>
    mayCreate ? paths.newApp({ ...projectRef, environment }, name) : null
  return (
    <ScrollBox label="Apps by environment">
      <table className="w-full border-collapse text-sm max-md:block">
        <thead className="max-md:sr-only">
          <tr>
            <th
              scope="col"
              className="sticky left-0 w-40 min-w-28 border-b bg-surface px-4 py-2.5 text-left font-medium text-ink-3 text-xs"
            >
              App
            </th>
            {columns.map((column) => (
              <ColumnHead key={column.environment} column={column} newApp={newApp(column.environment)} />
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {names.map((name) => (
            <tr key={name} className="border-b last:border-b-0 max-md:block max-md:py-2">
              <th
                scope="row"
                className="sticky left-0 z-10 max-w-48 break-all bg-surface px-4 py-3 text-left align-top font-medium max-md:static max-md:block max-md:max-w-none max-md:pt-1 max-md:pb-0"
              >
                {name}
              </th>
              {columns.map(({ environment, kind, apps }, index) => {
                const app = apps.find((each) => each.ref.app === name)
                const create = newApp(environment, name)
                return (
                  <td
                    key={environment}
                    className={cn(
                      'max-w-72 border-l px-4 py-3 align-top max-md:block max-md:max-w-none max-md:border-l-0 max-md:py-2',
                      !app && 'max-md:hidden',
                    )}
                  >
                    {app && <EnvironmentTag name={environment} kind={kind} className="mb-1.5 text-xs md:hidden" />}
                    {app && <AppCell app={app} next={columns[index + 1]?.environment ?? null} />}
                    {!app && create && (
                      <Link
                        href={create}
                        aria-label={`Create ${name} in ${environment}`}
                        className="text-ink-3 text-xs hover:text-ink hover:underline"
                      >
                        Create here
                      </Link>
                    )}
                    {!app && !create && <span className="text-ink-3">–</span>}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  )
}
