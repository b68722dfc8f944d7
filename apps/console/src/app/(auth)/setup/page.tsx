import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'
import { SetupForm } from '#auth/setup-form.tsx'
import type { Params } from '#lib/params.ts'

export const metadata: Metadata = { title: 'First account' }

export default async function SetupPage({ searchParams }: { searchParams: Params }) {
  const { code } = await searchParams
  const { trpc, queryClient } = await serverApi()
  const [setup] = await Promise.allSettled([queryClient.fetchQuery(trpc.setup.status.queryOptions())])
  if (setup.status === 'fulfilled' && !setup.value.needsFirstAccount) redirect('/login')
  return (
    <AuthCard
      title="Welcome to Slipway"
      about="This installation is new. The account you create now is its operator: it can see and change everything, and invite others."
    >
      {setup.status === 'fulfilled' ? (
        <SetupForm code={typeof code === 'string' ? code : ''} cluster={setup.value.capabilities.cluster} />
      ) : (
        <PlatformAway />
      )}
    </AuthCard>
  )
}
