import type { Metadata } from 'next'
import { load, serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { DeviceLogin } from '#auth/device-login.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'

export const metadata: Metadata = { title: 'Command line', referrer: 'no-referrer' }

interface CliLoginPageProps {
  searchParams: Promise<{ code?: string | string[] }>
}

/** Where a command line that waits for its sign-in is approved. */
export default async function CliLoginPage({ searchParams }: CliLoginPageProps) {
  const { code } = await searchParams
  const { trpc, queryClient } = await serverApi()
  const account = await load(queryClient.fetchQuery(trpc.account.get.queryOptions()))
  if (!account) return <PlatformAway />
  return (
    <AuthCard
      title="Sign in to the command line"
      about={
        <>
          As <span className="break-all font-medium text-ink">{account.email}</span>
        </>
      }
    >
      <DeviceLogin code={typeof code === 'string' ? code : null} />
    </AuthCard>
  )
}
