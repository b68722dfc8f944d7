'use client'

import { deviceCodeInput } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { problemOf } from '#api/errors.ts'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Notice } from '#ui/notice.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Skeleton } from '#ui/skeleton.tsx'
import { type Decision, DeviceRequest } from './device-request.tsx'

interface CodeFormProps {
  initial: string
  /** Why the code that was given leads nowhere. */
  problem: string | null
  onCode: (code: string) => void
}

/** Asks for the code that the terminal shows. */
function CodeForm({ initial, problem, onCode }: CodeFormProps) {
  const [wrong, setWrong] = useState<string | undefined>()
  const submit = (code: string) => {
    const error = fieldErrors(deviceCodeInput, { code }).code
    setWrong(error)
    if (!error) onCode(code)
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit(String(new FormData(event.currentTarget).get('code')))
      }}
    >
      <Field
        label="Code"
        hint="“slipway login” shows it in your terminal, such as BCDF-GHJK."
        error={wrong ?? problem ?? undefined}
      >
        <Input
          name="code"
          mono
          defaultValue={initial}
          maxLength={20}
          autoComplete="off"
          autoFocus
          className="h-10 text-lg uppercase tracking-widest"
        />
      </Field>
      <Button type="submit" variant="primary" size="lg">
        Continue
      </Button>
    </form>
  )
}

function Decided({ decision, computer }: { decision: Decision; computer: string }) {
  if (decision === 'refused') {
    return (
      <Notice live title="Refused">
        The command line on {computer} was refused. If you did not start it, there is nothing more to do.
      </Notice>
    )
  }
  return (
    <div className="flex flex-col items-start gap-4">
      <Notice live tone="healthy" title="Approved" className="w-full">
        The terminal on {computer} continues by itself. You can close this page.
      </Notice>
      <Button asChild>
        <Link href={paths.account}>Account and tokens</Link>
      </Button>
    </div>
  )
}

/** From the code of a terminal to its approval or refusal. `code` is what the link carried. */
export function DeviceLogin({ code: linked }: { code: string | null }) {
  const trpc = useTRPC()
  const [code, setCode] = useState(linked)
  const [decision, setDecision] = useState<Decision | null>(null)
  const found = useQuery({
    ...trpc.device.get.queryOptions({ code: code ?? '' }),
    enabled: code !== null && decision === null,
    // A wrong code counts as a try, so it is never sent again by itself.
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  if (code === null) return <CodeForm initial="" problem={null} onCode={setCode} />
  if (decision && found.data) return <Decided decision={decision} computer={found.data.computer} />
  if (found.data) return <DeviceRequest request={found.data} onDecided={setDecision} />
  if (!found.error) return <Skeleton className="h-80" />
  const { code: problem, message } = problemOf(found.error)
  if (problem === 'unavailable') return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />
  return (
    <CodeForm
      initial={code}
      problem={message}
      onCode={(next) => (next === code ? void found.refetch() : setCode(next))}
    />
  )
}
