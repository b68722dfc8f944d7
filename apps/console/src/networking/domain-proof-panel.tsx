'use client'

import type { AppRef, DomainProof } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { Time } from '#ui/time.tsx'

interface DomainProofPanelProps {
  appRef: AppRef
  hostname: string
  proof: DomainProof
  mayCheck: boolean
}

/** What to put into DNS before a domain leads to the app, and what was found there. */
export function DomainProofPanel({ appRef, hostname, proof, mayCheck }: DomainProofPanelProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const check = useMutation(
    trpc.domain.check.mutationOptions({
      onSuccess(app) {
        queryClient.setQueryData(trpc.app.get.queryKey(appRef), app)
        const isProven = app.domains.some((domain) => domain.hostname === hostname && domain.proof === null)
        if (isProven) toast.success(`${hostname} now routes to ${appRef.app}.`)
      },
    }),
  )
  return (
    <div className="flex min-w-0 basis-full flex-col gap-2 pt-1 pb-2 text-sm">
      <p className="text-ink-2">
        Prove that this domain is yours: add this TXT record to its DNS. Until then it does not route to the app.
      </p>
      <dl className="grid min-w-0 grid-cols-[auto_minmax(0,1fr)] items-center gap-x-3 gap-y-2">
        <dt className="text-ink-3 text-xs">Name</dt>
        <dd className="min-w-0">
          <CodeBlock code={proof.name} what="name of the record" />
        </dd>
        <dt className="text-ink-3 text-xs">Value</dt>
        <dd className="min-w-0">
          <CodeBlock code={proof.value} what="value of the record" />
        </dd>
      </dl>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        {mayCheck && (
          <Button
            size="sm"
            pending={check.isPending}
            aria-label={`Check ${hostname} again`}
            onClick={() => check.mutate({ ...appRef, hostname })}
          >
            <RotateCw aria-hidden />
            Check again
          </Button>
        )}
        <span role="status" className="min-w-0 flex-1 basis-60 text-ink-3 text-xs">
          {proof.problem !== null && <span className="text-ink-2">{proof.problem} </span>}
          {proof.checkedAt !== null && (
            <>
              Checked <Time at={proof.checkedAt} />.
            </>
          )}
        </span>
      </div>
      {check.error && <ProblemNotice error={check.error} />}
    </div>
  )
}
