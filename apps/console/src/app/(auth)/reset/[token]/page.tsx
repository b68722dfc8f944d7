import type { Metadata } from 'next'
import Link from 'next/link'
import { problemOf } from '#api/errors.ts'
import { serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'
import { ResetForm } from '#auth/reset-form.tsx'
import { Button } from '#ui/button.tsx'

export const metadata: Metadata = { title: 'New password', referrer: 'no-referrer' }

interface ResetPageProps {
  params: Promise<{ token: string }>
}

export default async function ResetPage({ params }: ResetPageProps) {
  const { token } = await params
  const { trpc, queryClient } = await serverApi()
  const [reset] = await Promise.allSettled([queryClient.fetchQuery(trpc.reset.get.queryOptions({ token }))])
  if (reset.status === 'fulfilled') {
    const { email } = reset.value
    return (
      <AuthCard title="Set a new password" about={`For the account ${email}. Its other sessions will end.`}>
        <ResetForm token={token} email={email} />
      </AuthCard>
    )
  }
  if (problemOf(reset.reason).code === 'unavailable') return <PlatformAway />
  return (
    <AuthCard
      title="This link no longer works"
      about="It has been used, replaced by a newer one, or has expired. Ask an operator for a new one."
    >
      <Button asChild>
        <Link href="/login">Sign in</Link>
      </Button>
    </AuthCard>
  )
}
