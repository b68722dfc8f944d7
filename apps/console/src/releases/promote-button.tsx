'use client'

import type { AppRef } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { ArrowUpRight } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { PromoteDialog } from './promote-dialog.tsx'

/** Production is where most promotions go. */
function firstOf(environments: readonly { environment: string; kind: string }[]): string | undefined {
  return (environments.find(({ kind }) => kind === 'production') ?? environments[0])?.environment
}

/** Takes a release that was live to another environment; nothing where there is no other, or the role may not. */
export function PromoteButton({ appRef, release, to }: { appRef: AppRef; release: number; to?: string }) {
  const trpc = useTRPC()
  const mayDeploy = useMay(appRef.team, 'app.deploy')
  const [asking, setAsking] = useState(false)
  const { data } = useQuery(trpc.project.get.queryOptions(appRef, { staleTime: 60_000 }))
  const others = data?.environments.filter(({ environment }) => environment !== appRef.environment) ?? []
  const first = to ?? firstOf(others)
  if (!mayDeploy || first === undefined || others.length === 0) return null
  return (
    <>
      <Button
        size="sm"
        variant="ghost"
        className="relative z-10"
        aria-label={`Promote v${release} of ${appRef.app} in ${appRef.environment}${to ? ` to ${to}` : ''}`}
        onClick={() => setAsking(true)}
      >
        <ArrowUpRight aria-hidden />
        Promote
      </Button>
      {asking && (
        <PromoteDialog
          appRef={appRef}
          release={release}
          to={first}
          environments={others.map(({ environment }) => environment)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
