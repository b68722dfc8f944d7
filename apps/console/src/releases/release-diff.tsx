'use client'

import type { AppRef, ReleaseDiffView } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { CommitList } from './commit-list.tsx'
import type { Compared } from './compared.ts'
import { ConfigDifferences } from './config-differences.tsx'
import { DiffSection, ImageDifference } from './diff-section.tsx'
import { ManifestDifferences } from './manifest-differences.tsx'
import { ProcessDifferences } from './process-differences.tsx'

function Sections({ appRef, compared, diff }: { appRef: AppRef; compared: Compared; diff: ReleaseDiffView }) {
  const { from, to, commits, config, processes, manifests } = diff
  return (
    <div className="divide-y text-sm">
      <DiffSection title="Commits">
        <CommitList commits={commits} />
      </DiffSection>
      <DiffSection title="Image">
        <ImageDifference before={from.image} after={to.image} />
      </DiffSection>
      <DiffSection title="Config">
        <ConfigDifferences appRef={appRef} compared={compared} config={config} />
      </DiffSection>
      <DiffSection title="Processes">
        <ProcessDifferences processes={processes} />
      </DiffSection>
      <DiffSection title="Kubernetes">
        <ManifestDifferences manifests={manifests} />
      </DiffSection>
    </div>
  )
}

/** Everything that differs between two releases: commits, image, config, processes and what Kubernetes gets. */
export function ReleaseDiff({ appRef, compared }: { appRef: AppRef; compared: Compared }) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery(trpc.release.diff.queryOptions({ ...appRef, ...compared }))
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />
  if (!data) return <SkeletonRows label={`Comparing v${compared.from} with v${compared.to}`} />
  return <Sections appRef={appRef} compared={compared} diff={data} />
}
