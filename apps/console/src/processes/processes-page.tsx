'use client'

import { type AppRef, type AppView, describeProcessFile, isReplicated, planScale } from '@slipway/domain'
import { Layers } from 'lucide-react'
import { useState } from 'react'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { useDraft } from '#lib/use-draft.ts'
import { useLeaveGuard } from '#lib/use-leave-guard.ts'
import { useForeseen } from '#quota/use-quota.ts'
import { useMay } from '#shell/use-account.ts'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ApplyBar } from './apply-bar.tsx'
import { OptionsDialog } from './options-dialog.tsx'
import { ProcessRow } from './process-row.tsx'
import { RunPanel } from './run-panel.tsx'
import { edit, invalidValues, type ScaleDraft, scaleValues } from './scale-draft.ts'
import { useScale } from './use-scale.ts'

const NO_EDITS: ScaleDraft = {}

function ProcessList({ app }: { app: AppView }) {
  const [draft, setDraft] = useDraft<ScaleDraft>(`scale:${paths.app(app.ref)}`, NO_EDITS)
  const mayScale = useMay(app.ref.team, 'app.scale')
  const mayUpdate = useMay(app.ref.team, 'app.update')
  const [configured, setConfigured] = useState<string | null>(null)
  const shown = app.processes.find(({ name }) => name === configured)
  const scale = useScale(app.ref, draft, () => setDraft(() => NO_EDITS))
  const edited = Object.keys(draft).length > 0
  useLeaveGuard(edited)
  // What is out of range fits nowhere, and says so by itself.
  const valid = invalidValues(draft).length === 0
  const found = useForeseen(app.ref, edited && valid ? planScale(app, draft) : null)
  const apply = () =>
    scale.mutate({ ...app.ref, processes: Object.entries(draft).map(([name, values]) => ({ name, ...values })) })
  return (
    <Panel
      title="Processes"
      about="1000m CPU is one core. A new count applies at once; a new size replaces the instances one by one."
      flush
      actions={
        <CopyAs
          lines={[
            cliLine(app.ref, 'ps'),
            cliLine(app.ref, 'checks'),
            ...(mayScale
              ? app.processes
                  .filter(isReplicated)
                  .map((each) => cliLine(app.ref, 'scale', `${each.name}=${each.instances}`))
              : []),
          ]}
        />
      }
    >
      <ul className="divide-y">
        {app.processes.map((process) => (
          <ProcessRow
            key={process.name}
            app={app}
            process={process}
            fromFile={app.slipwayFile && describeProcessFile(app.slipwayFile.file, process.name)}
            values={draft[process.name] ?? scaleValues(process)}
            disabled={!mayScale || scale.isPending}
            onConfigure={mayUpdate ? () => setConfigured(process.name) : undefined}
            onChange={(values) => {
              scale.reset()
              setDraft((last) => edit(last, process, values))
            }}
          />
        ))}
      </ul>
      {shown && <OptionsDialog app={app} process={shown} onClose={() => setConfigured(null)} />}
      {scale.error && <ProblemNotice error={scale.error} className="m-4" />}
      {!mayScale && (
        <div className="border-t px-4 py-2.5">
          <WhoCan team={app.ref.team} permission="app.scale" what="change the scale" />
        </div>
      )}
      {!scale.isPending && (
        <ApplyBar
          processes={app.processes}
          draft={draft}
          found={found}
          onApply={apply}
          onDiscard={() => setDraft(() => NO_EDITS)}
        />
      )}
    </Panel>
  )
}

/** How much of each process runs, and how large. */
export function ProcessesPage({ appRef }: { appRef: AppRef }) {
  const { data: app, error, refetch } = useApp(appRef)
  if (!app && error) return <ProblemNotice error={error} onRetry={() => void refetch()} />
  if (!app) {
    return (
      <Panel title="Processes" flush>
        <SkeletonRows label="Loading processes" rows={2} />
      </Panel>
    )
  }
  if (app.processes.length > 0) {
    return (
      <div className="flex flex-col gap-4">
        <ProcessList app={app} />
        <RunPanel app={app} />
      </div>
    )
  }
  return (
    <Panel title="Processes">
      <EmptyState icon={Layers} title="No processes yet">
        They come with the first release: from the Procfile, from what the build found, or the image’s own command as{' '}
        <code>web</code>.
      </EmptyState>
    </Panel>
  )
}
