'use client'

import { type AppRef, type PromotionPlanView, roleAllows } from '@slipway/domain'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useRole } from '#shell/use-account.ts'
import { ConfirmDialog } from '#ui/confirm-dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Select } from '#ui/select.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { CommitList } from './commit-list.tsx'
import { DiffSection, ImageDifference } from './diff-section.tsx'
import { ProcessDifferences } from './process-differences.tsx'

interface PromoteDialogProps {
  appRef: AppRef
  release: number
  /** The environment that is offered first. */
  to: string
  /** The environments that it can go to. */
  environments: readonly string[]
  onClose: () => void
}

function Plan({ plan, from }: { plan: PromotionPlanView; from: string }) {
  const { target, exists, currentImage, image, commits, processes, missingConfig } = plan
  return (
    <div className="flex flex-col gap-3">
      {!exists && (
        <Notice>
          {target.environment} has no app {target.app} yet. It is created with the build settings and the sizes of{' '}
          {from}, without config vars and domains.
        </Notice>
      )}
      {missingConfig.length > 0 && (
        <Notice tone="warning" title={`Not set in ${target.environment}`}>
          <span className="break-all font-mono text-xs">{missingConfig.join(', ')}</span>
        </Notice>
      )}
      <div className="divide-y text-sm">
        <DiffSection title="Commits">
          <CommitList commits={commits} />
        </DiffSection>
        <DiffSection title="Image">
          <ImageDifference before={currentImage} after={image} />
        </DiffSection>
        <DiffSection title="Processes">
          <ProcessDifferences processes={processes} />
        </DiffSection>
      </div>
    </div>
  )
}

/** Says what promoting a release changes in another environment, and does it. */
export function PromoteDialog({ appRef, release, to: first, environments, onClose }: PromoteDialogProps) {
  const trpc = useTRPC()
  const router = useRouter()
  const role = useRole(appRef.team)
  const [to, setTo] = useState(first)
  const input = { ...appRef, release, to }
  const plan = useQuery(trpc.release.planPromotion.queryOptions(input, { staleTime: 0 }))
  const done = {
    onSuccess({ app, release: made }: { app: AppRef; release: { number: number } }) {
      onClose()
      toast.success(`v${made.number} of ${app.app} rolls out in ${app.environment}.`)
      router.push(paths.app(app))
    },
  }
  const promote = useMutation(trpc.release.promote.mutationOptions(done))
  const create = useMutation(trpc.release.promoteToNew.mutationOptions(done))
  const exists = plan.data?.exists ?? true
  const mayCreate = role !== null && roleAllows(role, 'app.create')
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Promote v${release} of ${appRef.environment}`}
      about={`The same image, with the config and the scale of ${to}. Nothing is built.`}
      action={`Promote to ${to}`}
      pending={promote.isPending || create.isPending}
      error={promote.error ?? create.error}
      blocked={
        plan.error ? (
          <ProblemNotice error={plan.error} />
        ) : plan.data?.refusal ? (
          <Notice tone="warning" title="This does not fit">
            {plan.data.refusal}
          </Notice>
        ) : !exists && !mayCreate ? (
          <Notice tone="warning">Your role cannot create the app there. Ask a developer of the team.</Notice>
        ) : null
      }
      details={
        <div className="flex flex-col gap-3">
          {environments.length > 1 && (
            <Field label="Environment">
              <Select
                value={to}
                onValueChange={setTo}
                options={environments.map((each) => ({ value: each, label: each }))}
              />
            </Field>
          )}
          {plan.data && <Plan plan={plan.data} from={appRef.environment} />}
          {!plan.data && !plan.error && <SkeletonRows label="Looking at what changes" />}
        </div>
      }
      onConfirm={() => (exists ? promote : create).mutate(input)}
    />
  )
}
