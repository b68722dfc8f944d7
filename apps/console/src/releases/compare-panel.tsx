'use client'

import type { AppRef, ReleaseView } from '@slipway/domain'
import { ArrowLeftRight, ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { cliLine } from '#lib/cli.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { Panel } from '#ui/panel.tsx'
import { Select } from '#ui/select.tsx'
import type { Compared } from './compared.ts'
import { ReleaseDiff } from './release-diff.tsx'

interface ComparePanelProps {
  appRef: AppRef
  compared: Compared
  onCompare: (compared: Compared) => void
  /** Those that can be chosen, newest first. */
  releases: readonly ReleaseView[]
}

function ReleaseSelect(props: {
  label: string
  value: number
  releases: readonly ReleaseView[]
  onChange: (number: number) => void
}) {
  const { label, value, releases, onChange } = props
  const listed = releases.map(({ number, description }) => ({
    value: String(number),
    label: `v${number}`,
    about: description.slice(0, 80),
  }))
  // The address may name one that is further back than the list goes.
  const known = listed.some((each) => each.value === String(value))
  const options = known ? listed : [{ value: String(value), label: `v${value}` }, ...listed]
  return (
    <Select
      aria-label={label}
      className="w-24"
      value={String(value)}
      options={options}
      onValueChange={(next) => onChange(Number(next))}
    />
  )
}

/** Two releases side by side. Which ones is in the address. */
export function ComparePanel({ appRef, compared, onCompare, releases }: ComparePanelProps) {
  const { from, to } = compared
  return (
    <Panel
      title={`From v${from} to v${to}`}
      about="What changes from the first release to the second. Instance counts belong to the app and stay as they are."
      actions={
        <>
          <ReleaseSelect
            label="From release"
            value={from}
            releases={releases}
            onChange={(next) => onCompare({ from: next, to })}
          />
          <ArrowRight aria-hidden className="size-4 text-ink-3" />
          <ReleaseSelect
            label="To release"
            value={to}
            releases={releases}
            onChange={(next) => onCompare({ from, to: next })}
          />
          <Button
            size="sm"
            variant="ghost"
            aria-label="Swap the releases"
            onClick={() => onCompare({ from: to, to: from })}
          >
            <ArrowLeftRight aria-hidden />
          </Button>
          <CopyAs lines={[cliLine(appRef, 'releases', 'diff', `v${from}`, `v${to}`)]} />
          <Button asChild size="sm">
            <Link href={paths.app(appRef, 'releases')}>All releases</Link>
          </Button>
        </>
      }
    >
      {from === to ? (
        <p className="text-ink-3 text-sm">A release does not differ from itself. Choose another one.</p>
      ) : (
        <ReleaseDiff key={`${from}..${to}`} appRef={appRef} compared={compared} />
      )}
    </Panel>
  )
}
