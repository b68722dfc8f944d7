'use client'

import type { AppSummary, EnvironmentKind, ProjectRef } from '@slipway/domain'
import { Plus } from 'lucide-react'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
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

function AppCell({ app }: { app: AppSummary }) {
  return (
    <div className="relative -m-1 flex min-w-0 flex-col gap-1 rounded-md p-2 hover:bg-hover">
      <span className="flex items-center gap-3">
        <AppHealthMark app={app} />
        {app.activeBuild && <BuildStatusMark status={app.activeBuild.status} iconOnly />}
        <span className="ml-auto text-ink-3 text-xs tabular" title="Instances ready of wanted">
          {app.instances.ready}/{app.instances.wanted}
        </span>
      </span>
      <Link
        href={paths.app(app.ref)}
        className="truncate text-ink-2 text-xs after:absolute after:inset-0 after:rounded-md"
        title={app.health.message}
        aria-label={`${app.ref.app} in ${app.ref.environment}: ${app.health.message}`}
      >
        <Glow value={app.health.message}>{app.health.message}</Glow>
      </Link>
      <span className="truncate text-ink-3 text-xs">
        {app.lastRelease ? (
          <>
            <span className="font-mono">v{app.lastRelease.number}</span> · <Time at={app.lastRelease.at} />
          </>
        ) : (
          'nothing deployed'
        )}
      </span>
    </div>
  )
}

interface AppMatrixProps {
  projectRef: ProjectRef
  columns: readonly EnvironmentColumn[]
  mayCreate: boolean
}

/** Environments as columns, apps as rows: what runs where at a glance. */
export function AppMatrix({ projectRef, columns, mayCreate }: AppMatrixProps) {
  const names = [...new Set(columns.flatMap((column) => column.apps.map((app) => app.ref.app)))].sort()
  return (
    <ScrollBox label="Apps by environment">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr>
            <th scope="col" className="w-40 min-w-28 border-b px-4 py-2.5 text-left font-medium text-ink-3 text-xs">
              App
            </th>
            {columns.map(({ environment, kind }) => (
              <th
                key={environment}
                scope="col"
                id={environment}
                className={cn(
                  'min-w-56 border-b border-l px-4 py-2.5 text-left font-medium text-sm target:bg-accent-soft',
                  kind === 'production' && 'border-t-2 border-t-accent',
                )}
              >
                <span className="flex items-center justify-between gap-2">
                  <EnvironmentTag name={environment} kind={kind} />
                  {mayCreate && (
                    <Link
                      href={paths.newApp({ ...projectRef, environment })}
                      aria-label={`New app in ${environment}`}
                      className="rounded-sm p-0.5 text-ink-3 hover:bg-hover hover:text-ink"
                    >
                      <Plus aria-hidden className="size-4" />
                    </Link>
                  )}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} className="border-b last:border-b-0">
              <th scope="row" className="max-w-48 break-all px-4 py-3 text-left align-top font-medium">
                {name}
              </th>
              {columns.map(({ environment, apps }) => {
                const app = apps.find((each) => each.ref.app === name)
                return (
                  <td key={environment} className="max-w-72 border-l px-4 py-3 align-top">
                    {app ? <AppCell app={app} /> : <span className="text-ink-3">–</span>}
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
