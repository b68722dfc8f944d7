'use client'

import { type AppRef, planRelease } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { useDraft } from '#lib/use-draft.ts'
import { useLeaveGuard } from '#lib/use-leave-guard.ts'
import { useQueryParam } from '#lib/use-query-param.ts'
import { useForeseen } from '#quota/use-quota.ts'
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

const NO_EDITS: ConfigDraft = {}

/** Applies the staged edits as one release, which can be undone from the answer. */
function useApply(appRef: AppRef, before: number | null, onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.config.list.queryKey(appRef) })
  const undo = useMutation(
    trpc.release.rollback.mutationOptions({
      async onSuccess(release, undone) {
        await refresh()
        toast.success(`Undone: v${release.number} restores the config of v${undone.release}.`)
      },
      onError: (error) => toast.error(problemOf(error).message),
    }),
  )
  return useMutation(
    trpc.config.update.mutationOptions({
      // What is undone is what was there at the click: the page learns of the new release before the answer comes.
      onMutate: () => ({ undoTo: before }),
      async onSuccess(release, _input, { undoTo }) {
        await refresh()
        onDone()
        if (!release) return toast.success('Saved for the first release.')
        const action = undoTo && {
          label: 'Undo',
          onClick: () => undo.mutate({ ...appRef, release: undoTo }),
        }
        toast.success(`v${release.number} is rolling out with the new config.`, {
          duration: 10_000,
          ...(action && { action }),
        })
      },
    }),
  )
}

/** The app's variables: masked, edited in stages, applied as one release. */
export function ConfigPage({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const { data: app } = useApp(appRef)
  const { data: variables, error, refetch } = useQuery(trpc.config.list.queryOptions(appRef))
  const [draft, setDraft] = useDraft<ConfigDraft>(`config:${paths.app(appRef)}`, NO_EDITS)
  const [asked] = useQueryParam('set')
  const mayWrite = useMay(appRef.team, 'config.write')
  const apply = useApply(appRef, app?.currentRelease ?? null, () => setDraft(() => NO_EDITS))
  const changes = stagedChanges(draft, variables ?? [])
  const makesRelease = app?.currentRelease !== null
  const found = useForeseen(appRef, app && makesRelease && changes.length > 0 ? planRelease(app) : null)
  useLeaveGuard(changes.length > 0)
  const stage = (values: ConfigDraft) => {
    apply.reset()
    setDraft((last) => ({ ...last, ...values }))
  }
  const takeBack = (key: string) => setDraft((last) => unstage(last, key))
  return (
    <Panel
      title="Config vars"
      about="Environment variables of every process, encrypted at rest. A change creates a release; a rollback restores them."
      flush
      actions={
        <>
          <CopyAs
            lines={[
              cliLine(appRef, 'config', 'list'),
              ...(mayWrite ? [cliLine(appRef, 'config', 'set', 'KEY=value')] : []),
            ]}
          />
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
      {variables && mayWrite && <AddVariable asked={asked} onStage={(key, value) => stage({ [key]: value })} />}
      {variables && !mayWrite && (
        <div className="border-t px-4 py-2.5">
          <WhoCan team={appRef.team} permission="config.write" what="see values and change them" />
        </div>
      )}
      {apply.error && found.refusal === null && <ProblemNotice error={apply.error} className="m-4" />}
      <StagedBar
        appRef={appRef}
        changes={changes}
        pending={apply.isPending}
        makesRelease={makesRelease}
        found={found}
        onApply={() => apply.mutate({ ...appRef, ...toInput(changes) })}
        onDiscard={() => setDraft(() => NO_EDITS)}
        onUnstage={takeBack}
      />
    </Panel>
  )
}
