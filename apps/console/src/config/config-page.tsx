'use client'

import type { AppRef } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { useLeaveGuard } from '#lib/use-leave-guard.ts'
import { useMay } from '#shell/use-account.ts'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { AddVariable } from './add-variable.tsx'
import { type ConfigDraft, stagedChanges, toInput, unstage } from './config-draft.ts'
import { ConfigRow } from './config-row.tsx'
import { PasteDialog } from './paste-dialog.tsx'
import { StagedBar } from './staged-bar.tsx'

function useApply(appRef: AppRef, onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return useMutation(
    trpc.config.update.mutationOptions({
      async onSuccess(release) {
        await queryClient.invalidateQueries({ queryKey: trpc.config.list.queryKey(appRef) })
        onDone()
        toast.success(release ? `v${release.number} rolls out with the new config.` : 'Saved for the first release.')
      },
    }),
  )
}

/** The app's variables: masked, edited in stages, applied as one release. */
export function ConfigPage({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const { data: app } = useApp(appRef)
  const { data: variables, error, refetch } = useQuery(trpc.config.list.queryOptions(appRef))
  const [draft, setDraft] = useState<ConfigDraft>({})
  const mayWrite = useMay(appRef.team, 'config.write')
  const apply = useApply(appRef, () => setDraft({}))
  const changes = stagedChanges(draft, variables ?? [])
  useLeaveGuard(changes.length > 0)
  const stage = (values: ConfigDraft) => {
    apply.reset()
    setDraft((last) => ({ ...last, ...values }))
  }
  const takeBack = (key: string) => setDraft((last) => unstage(last, key))
  return (
    <Panel
      title="Config vars"
      about="Environment variables of every process. Encrypted at rest; a change makes a release, a rollback brings them back."
      flush
      actions={
        <>
          <CopyAs lines={[cliLine(appRef, 'config', 'list'), cliLine(appRef, 'config', 'set', 'KEY=value')]} />
          {mayWrite && <PasteDialog onStage={stage} />}
        </>
      }
    >
      {error && !variables && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!variables && !error && <SkeletonRows label="Loading config" />}
      {variables?.length === 0 && changes.length === 0 && (
        <EmptyState icon={KeyRound} title="No config vars yet" className="py-8">
          Keep what differs between environments here: addresses, keys, switches. The app reads them as environment
          variables; <code>PORT</code> is set by Slipway.
        </EmptyState>
      )}
      {variables && variables.length > 0 && (
        <ul className="divide-y">
          {variables.map((variable) => (
            <ConfigRow
              key={variable.key}
              appRef={appRef}
              variable={variable}
              staged={changes.find(({ key }) => key === variable.key)}
              onStage={(value) => stage({ [variable.key]: value })}
              onUnstage={() => takeBack(variable.key)}
            />
          ))}
        </ul>
      )}
      {variables && mayWrite && <AddVariable onStage={(key, value) => stage({ [key]: value })} />}
      {apply.error && <ProblemNotice error={apply.error} className="m-4" />}
      <StagedBar
        changes={changes}
        pending={apply.isPending}
        makesRelease={app?.currentRelease !== null}
        onApply={() => apply.mutate({ ...appRef, ...toInput(changes) })}
        onDiscard={() => setDraft({})}
        onUnstage={takeBack}
      />
    </Panel>
  )
}
