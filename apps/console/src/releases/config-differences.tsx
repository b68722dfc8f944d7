'use client'

import type { AppRef, ConfigDifference, ConfigValues } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { BeforeAfter } from './before-after.tsx'
import { ChangeSign } from './change-sign.tsx'
import type { Compared } from './compared.ts'

const inCharacters = (length: number | null) =>
  length === null ? null : `${length} ${length === 1 ? 'character' : 'characters'}`

/** The config vars that differ: by name and length, their values on a click for those who may see them. */
export function ConfigDifferences({
  appRef,
  compared,
  config,
}: {
  appRef: AppRef
  compared: Compared
  config: readonly ConfigDifference[]
}) {
  const trpc = useTRPC()
  const mayReveal = useMay(appRef.team, 'config.reveal')
  const [shown, setShown] = useState(false)
  // Values in clear are not kept: they go with the view.
  const values = useQuery(
    trpc.release.revealDiff.queryOptions({ ...appRef, ...compared }, { enabled: shown, gcTime: 0, staleTime: 0 }),
  )
  if (config.length === 0) return <p className="text-ink-3">The same config.</p>
  const clear = new Map<string, ConfigValues>(shown ? values.data?.map((each) => [each.key, each]) : [])
  return (
    <div className="flex flex-col items-start gap-1.5">
      <ul className="flex w-full flex-col gap-1 font-mono text-xs leading-5">
        {config.map(({ key, change, beforeLength, afterLength }) => (
          <li key={key} className="flex min-w-0 flex-wrap gap-x-2">
            <span className="min-w-0 break-all">
              <ChangeSign change={change} /> {key}
            </span>
            <span className="min-w-0 text-ink-2">
              <BeforeAfter
                before={clear.get(key)?.before ?? inCharacters(beforeLength)}
                after={clear.get(key)?.after ?? inCharacters(afterLength)}
              />
            </span>
          </li>
        ))}
      </ul>
      {values.error && <ProblemNotice error={values.error} />}
      {mayReveal && (
        <Button
          size="sm"
          variant="ghost"
          className="-ml-2"
          pending={values.isFetching}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
          {shown ? 'Hide the values' : 'Show the values'}
        </Button>
      )}
    </div>
  )
}
