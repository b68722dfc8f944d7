'use client'

import type { AppRef, ReleaseDiffView } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { BeforeAfter } from './before-after.tsx'
import { CommitList } from './commit-list.tsx'
import type { Compared } from './compared.ts'
import { ConfigDifferences } from './config-differences.tsx'
import { ManifestDifferences } from './manifest-differences.tsx'
import { ProcessDifferences } from './process-differences.tsx'

/** Repository and the rest of an image's reference; a digest is shown by its beginning. */
function partsOf(image: string): { repository: string; version: string } {
  const [repository = '', digest] = image.split('@')
  return digest === undefined ? { repository: '', version: image } : { repository, version: digest.slice(0, 19) }
}

/** Registry names are long and mostly the same on both sides: then they stand once. */
function Image({ before, after }: { before: string; after: string }) {
  if (before === after) return <p className="text-ink-3">The same image.</p>
  const [old, next] = [partsOf(before), partsOf(after)]
  const isShared = old.repository !== '' && old.repository === next.repository
  return (
    <p className="font-mono text-xs leading-5">
      {isShared && <span className="block break-all text-ink-3">{old.repository}</span>}
      <BeforeAfter before={isShared ? old.version : before} after={isShared ? next.version : after} />
    </p>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section
      aria-label={title}
      className="grid min-w-0 gap-x-6 gap-y-1 py-3 first:pt-0 last:pb-0 sm:grid-cols-[7rem_minmax(0,1fr)]"
    >
      <h3 className="text-ink-3">{title}</h3>
      <div className="min-w-0">{children}</div>
    </section>
  )
}

function Sections({ appRef, compared, diff }: { appRef: AppRef; compared: Compared; diff: ReleaseDiffView }) {
  const { from, to, commits, config, processes, manifests } = diff
  return (
    <div className="divide-y text-sm">
      <Section title="Commits">
        <CommitList commits={commits} />
      </Section>
      <Section title="Image">
        <Image before={from.image} after={to.image} />
      </Section>
      <Section title="Config">
        <ConfigDifferences appRef={appRef} compared={compared} config={config} />
      </Section>
      <Section title="Processes">
        <ProcessDifferences processes={processes} />
      </Section>
      <Section title="Kubernetes">
        <ManifestDifferences manifests={manifests} />
      </Section>
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
