'use client'

import { type AppRef, type AppView, describeSlipwayFile, SETTING_LABELS, type SettingKey } from '@slipway/domain'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toast } from 'sonner'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { useApp } from '#apps/use-app.ts'
import { useDeployAgain } from '#apps/use-deploy-again.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { useDraft } from '#lib/use-draft.ts'
import { useLeaveGuard } from '#lib/use-leave-guard.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { type BuildEdits, changesOf, draftOf, inputOf, NO_EDITS, problemsOf, settingOfPath } from './build-draft.ts'
import { BuildFields } from './build-fields.tsx'
import { BuildReadOnly } from './build-read-only.tsx'
import { SettingsBar } from './settings-bar.tsx'

function ClearCache({ appRef }: { appRef: AppRef }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const clear = useMutation(
    trpc.build.clearCache.mutationOptions({
      onSuccess(app) {
        queryClient.setQueryData(trpc.app.get.queryKey(appRef), app)
        toast.success('Build cache cleared.', {
          description: 'The next build starts without it and takes longer. The running release stays as it is.',
        })
      },
      onError: (error) => toast.error(problemOf(error).message),
    }),
  )
  return (
    <Button size="sm" pending={clear.isPending} onClick={() => clear.mutate(appRef)}>
      Clear build cache
    </Button>
  )
}

/** What slipway.yaml sets, in words. */
function FileNotice({ app }: { app: AppView }) {
  const { slipwayFile } = app
  const overrides = slipwayFile ? Object.entries(describeSlipwayFile(slipwayFile.file)) : []
  if (!slipwayFile || overrides.length === 0) return null
  const said = overrides.map(([key, value]) => `${SETTING_LABELS[key as SettingKey]}: ${value}`)
  return (
    <Notice className="mb-5" title={`slipway.yaml wins over this page (build #${slipwayFile.build})`}>
      <p>It sets {said.join('; ')}. To change that, edit the file and push.</p>
    </Notice>
  )
}

/** "slipway.yaml says Dockerfile, which wins." by setting. */
function overridesOf({ slipwayFile }: AppView): Partial<Record<SettingKey, string>> {
  const said = slipwayFile ? describeSlipwayFile(slipwayFile.file) : {}
  return Object.fromEntries(
    Object.entries(said).map(([key, value]) => [key, `slipway.yaml says ${value}, which wins over this.`]),
  )
}

function useSave(appRef: AppRef, onDone: () => void) {
  const again = useDeployAgain(appRef)
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  return useMutation(
    trpc.app.updateSettings.mutationOptions({
      onSuccess(app) {
        queryClient.setQueryData(trpc.app.get.queryKey(appRef), app)
        onDone()
        const [last] = app.recentBuilds
        toast.success('Settings saved.', {
          description: 'The next deploy uses them. The running release stays as it is.',
          ...(last
            ? { action: { label: 'Deploy again', onClick: () => again.mutate({ ...appRef, build: last.number }) } }
            : {}),
        })
      },
    }),
  )
}

/** What the platform found wrong, at its field. */
function refusedFields(error: unknown): Partial<Record<SettingKey, string>> {
  if (!error) return {}
  const entries = Object.entries(problemOf(error).fields).map(([path, message]) => [settingOfPath(path), message])
  return Object.fromEntries(entries.filter(([key]) => key !== null))
}

function BuildForm({ app }: { app: AppView }) {
  const trpc = useTRPC()
  const appRef = app.ref
  const [edits, setEdits] = useDraft<BuildEdits>(`settings:${paths.app(appRef)}`, NO_EDITS)
  const vars = useQuery(trpc.config.list.queryOptions(appRef)).data
  const save = useSave(appRef, () => setEdits(() => NO_EDITS))
  const draft = { ...draftOf(app), ...edits }
  const changes = changesOf(app, draft)
  const problems = { ...refusedFields(save.error), ...problemsOf(draft) }
  useLeaveGuard(changes.length > 0)
  const change = (part: BuildEdits) => {
    save.reset()
    setEdits((last) => ({ ...last, ...part }))
  }
  const discard = () => {
    save.reset()
    setEdits(() => NO_EDITS)
  }
  const unplaced = save.error && Object.keys(refusedFields(save.error)).length === 0
  return (
    <>
      <div className="p-4">
        <FileNotice app={app} />
        <BuildFields
          draft={draft}
          onChange={change}
          problems={problems}
          overrides={overridesOf(app)}
          configKeys={vars?.map(({ key }) => key)}
        />
        {unplaced && <ProblemNotice error={save.error} className="mt-4" />}
      </div>
      <SettingsBar
        changes={changes}
        blocked={Object.keys(problemsOf(draft)).length > 0}
        pending={save.isPending}
        onDiscard={discard}
        onSave={() => save.mutate({ ...appRef, ...inputOf(draft, changes) })}
      />
    </>
  )
}

/** How the app's source becomes an image, from its next build on. */
export function BuildPanel({ appRef }: { appRef: AppRef }) {
  const { data: app, error, refetch } = useApp(appRef)
  const mayUpdate = useMay(appRef.team, 'app.update')
  const image = app?.sourceKind === 'image'
  return (
    <Panel
      id="build"
      title="Build and deploy"
      about={
        image
          ? 'This app runs an image as it is. The start timeout takes effect with the next deploy, the rest once you push code.'
          : 'How a commit becomes an image. Changes take effect with the next deploy.'
      }
      flush
      actions={
        <>
          <CopyAs lines={[cliLine(appRef, 'settings'), cliLine(appRef, 'settings', 'set', 'root=apps/web')]} />
          {mayUpdate && <ClearCache appRef={appRef} />}
        </>
      }
    >
      {error && !app && <ProblemNotice error={error} onRetry={() => void refetch()} className="m-4" />}
      {!app && !error && <SkeletonRows label="Loading the settings" rows={3} />}
      {app && mayUpdate && <BuildForm app={app} />}
      {app && !mayUpdate && (
        <div className="p-4">
          <FileNotice app={app} />
          <BuildReadOnly app={app} />
        </div>
      )}
    </Panel>
  )
}
