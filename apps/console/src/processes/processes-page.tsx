'use client'

import {
  type AppRef,
  type AppView,
  describeProcessFile,
  type ProcessView,
  planScale,
  readyWords,
  SCALE_BOUNDS,
} from '@slipway/domain'
import { Layers } from 'lucide-react'
import { WhoCan } from '#app-settings/who-can.tsx'
import { useApp } from '#apps/use-app.ts'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { useDraft } from '#lib/use-draft.ts'
import { useLeaveGuard } from '#lib/use-leave-guard.ts'
import { useForeseen } from '#quota/use-quota.ts'
import { useMay } from '#shell/use-account.ts'
import { Badge } from '#ui/badge.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Glow } from '#ui/glow.tsx'
import { NumberInput } from '#ui/number-input.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/status.tsx'
import { ApplyBar } from './apply-bar.tsx'
import { RunPanel } from './run-panel.tsx'
import { edit, invalidValues, type ScaleDraft, type ScaleValues, scaleValues } from './scale-draft.ts'
import { useScale } from './use-scale.ts'

const NO_EDITS: ScaleDraft = {}

interface ProcessRowProps {
  process: ProcessView
  /** What slipway.yaml sets of it, in words. */
  fromFile: string | null
  values: ScaleValues
  onChange: (values: ScaleValues) => void
  disabled: boolean
}

function ProcessRow({ process, fromFile, values, onChange, disabled }: ProcessRowProps) {
  const set = (part: Partial<ScaleValues>) => onChange({ ...values, ...part })
  return (
    <li className="flex flex-col gap-3 px-4 py-3 lg:flex-row lg:items-center lg:gap-6">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="truncate font-medium text-base">{process.name}</span>
          <Badge>{process.kind}</Badge>
          <StateMark status={process.status} state={process.state} />
          <span className="text-ink-2 text-xs tabular">
            <Glow value={readyWords(process)}>{readyWords(process)}</Glow>
          </span>
        </p>
        <p className="mt-0.5 break-all font-mono text-ink-3 text-xs">{process.command ?? 'the image’s own command'}</p>
        {fromFile !== null && (
          <p className="mt-0.5 text-ink-3 text-xs">
            <code>slipway.yaml</code>: {fromFile}
          </p>
        )}
      </div>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-ink-3 text-xs">
            Instances
          </span>
          <NumberInput
            label={`Instances of ${process.name}`}
            {...SCALE_BOUNDS.instances}
            value={values.instances}
            edited={values.instances !== process.instances}
            disabled={disabled}
            onChange={(instances) => set({ instances })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-ink-3 text-xs">
            CPU each
          </span>
          <NumberInput
            label={`CPU of ${process.name}`}
            unit="m"
            {...SCALE_BOUNDS.cpuMillis}
            step={50}
            value={values.cpuMillis}
            edited={values.cpuMillis !== process.cpuMillis}
            disabled={disabled}
            onChange={(cpuMillis) => set({ cpuMillis })}
          />
        </div>
        <div className="flex flex-col gap-1">
          <span aria-hidden className="text-ink-3 text-xs">
            Memory each
          </span>
          <NumberInput
            label={`Memory of ${process.name}`}
            unit="MiB"
            {...SCALE_BOUNDS.memoryMiB}
            step={64}
            value={values.memoryMiB}
            edited={values.memoryMiB !== process.memoryMiB}
            disabled={disabled}
            onChange={(memoryMiB) => set({ memoryMiB })}
          />
        </div>
      </div>
    </li>
  )
}

function ProcessList({ app }: { app: AppView }) {
  const [draft, setDraft] = useDraft<ScaleDraft>(`scale:${paths.app(app.ref)}`, NO_EDITS)
  const mayScale = useMay(app.ref.team, 'app.scale')
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
            ...(mayScale
              ? app.processes.map((each) => cliLine(app.ref, 'scale', `${each.name}=${each.instances}`))
              : []),
          ]}
        />
      }
    >
      <ul className="divide-y">
        {app.processes.map((process) => (
          <ProcessRow
            key={process.name}
            process={process}
            fromFile={app.slipwayFile && describeProcessFile(app.slipwayFile.file, process.name)}
            values={draft[process.name] ?? scaleValues(process)}
            disabled={!mayScale || scale.isPending}
            onChange={(values) => {
              scale.reset()
              setDraft((last) => edit(last, process, values))
            }}
          />
        ))}
      </ul>
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
