'use client'

import type { CertificateView } from '@slipway/domain'
import { useNow } from '#lib/use-now.ts'
import { CertificateStateMark } from '#ui/status.tsx'
import { Time } from '#ui/time.tsx'

const TICK_MS = 10_000

/** How the certificate of a host is: its state, when it expires, and the reason where there is something to say. */
export function CertificateLine({ certificate }: { certificate: CertificateView }) {
  const { state, message, expiresAt, renewsAt } = certificate
  const now = useNow(TICK_MS)
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= now
  return (
    <div className="flex w-full flex-wrap items-center gap-x-3 gap-y-0.5 text-ink-3 text-xs">
      <span className="inline-flex items-center gap-1.5">
        Certificate <CertificateStateMark status={state} />
      </span>
      {expiresAt !== null && (
        <span suppressHydrationWarning>
          {isOver ? 'expired' : 'expires'} <Time at={expiresAt} inDays />
          {!isOver && renewsAt !== null && (
            <>
              , renews <Time at={renewsAt} inDays />
            </>
          )}
        </span>
      )}
      {message !== null && <span className="min-w-0 basis-full break-words text-ink-2">{message}</span>}
    </div>
  )
}
