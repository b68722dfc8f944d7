'use client'

import type { Isolation } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { Notice } from '#ui/notice.tsx'

const INSTALL = (
  <>
    For a container each, run <code className="whitespace-nowrap font-mono text-xs">apt-get install runc</code> on this
    machine and restart Slipway.
  </>
)

/** What the isolation of a machine's apps means, and how to get more of it. */
const WORDS: Record<Isolation, ReactNode> = {
  runtime: null,
  user: (
    <>
      Apps on this machine run as users of their own, without rights: they cannot read or stop each other, but they can
      read what every user of this machine can. {INSTALL}
    </>
  ),
  view: (
    <>
      Apps on this machine run as the user that runs Slipway. Slipway’s secrets and other apps’ files are hidden from
      them, that user’s own files are not, so deploy only what you trust. {INSTALL}
    </>
  ),
  none: (
    <>
      Apps on this machine are not isolated: each is a plain process that can read the others’ files and secrets, so
      deploy only what you trust. {INSTALL}
    </>
  ),
}

/** One line where the local cluster has no OCI runtime; nothing where it has one, and on a real cluster. */
export function IsolationNote() {
  const trpc = useTRPC()
  const isolation = useQuery(trpc.setup.status.queryOptions(undefined, { staleTime: 60_000 })).data?.isolation
  const words = isolation ? WORDS[isolation] : null
  return words && <Notice>{words}</Notice>
}
