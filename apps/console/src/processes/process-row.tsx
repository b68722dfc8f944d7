'use client'

import { type AppView, isReplicated, type ProcessView, readyWords, SCALE_BOUNDS } from '@slipway/domain'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { Glow } from '#ui/glow.tsx'
import { NumberInput } from '#ui/number-input.tsx'
import { StateMark } from '#ui/status.tsx'
import { checkWords } from './options-draft.ts'
import type { ScaleValues } from './scale-draft.ts'
import { ScalingLine } from './scaling-line.tsx'
import { SizeSelect } from './size-select.tsx'

interface ProcessRowProps {
  app: AppView
  process: ProcessView
  /** What slipway.yaml sets of it, in words. */
  fromFile: string | null
  values: ScaleValues
  onChange: (values: ScaleValues) => void
  disabled: boolean
  /** Opens its health check; undefined for who may not change it. */
  onConfigure: (() => void) | undefined
}

/** One process: how it starts, how it is checked, how much of it runs. */
export function ProcessRow({ app, process, fromFile, values, onChange, disabled, onConfigure }: ProcessRowProps) {
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
        {isReplicated(process) && (
          <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-ink-3 text-xs">
            {checkWords(process)}
            {onConfigure && (
              <Button
                variant="ghost"
                size="sm"
                className="-ml-2.5"
                aria-label={`Change checks of ${process.name}`}
                onClick={onConfigure}
              >
                Change checks
              </Button>
            )}
          </p>
        )}
        {isReplicated(process) && <ScalingLine app={app} process={process} />}
      </div>
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        {isReplicated(process) && (
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
        )}
        <div className="flex w-28 flex-col gap-1">
          <span aria-hidden className="text-ink-3 text-xs">
            Size
          </span>
          <SizeSelect
            label={`Size of ${process.name}`}
            value={values}
            disabled={disabled}
            onChange={(size) => set(size)}
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
