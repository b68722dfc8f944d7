import type { Metadata } from 'next'
import Link from 'next/link'
import { problemOf } from '#api/errors.ts'
import { serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { InviteForm } from '#auth/invite-form.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'
import { Button } from '#ui/button.tsx'

export const metadata: Metadata = { title: 'Invitation', referrer: 'no-referrer' }

interface InvitePageProps {
  params: Promise<{ token: string }>
}

export default async function InvitePage({ params }: InvitePageProps) {
  const { token } = await params
  const { trpc, queryClient } = await serverApi()
  const [offer, account] = await Promise.allSettled([
    queryClient.fetchQuery(trpc.invitation.get.queryOptions({ token })),
    queryClient.fetchQuery(trpc.account.get.queryOptions()),
  ])
  if (offer.status === 'rejected') {
    const { code, message } = problemOf(offer.reason)
    if (code === 'unavailable') return <PlatformAway />
    return (
      <AuthCard
        title="This invitation no longer works"
        about={
          code === 'forbidden'
            ? message
            : 'It has been used, withdrawn, or is older than 7 days. Ask the person who invited you for a new link.'
        }
      >
        <Button asChild>
          <Link href="/login">Sign in</Link>
        </Button>
      </AuthCard>
    )
  }
  const { teamName, role } = offer.value
  return (
    <AuthCard
      title={`Join ${teamName}`}
      about={`You have been invited to join ${teamName} as ${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}.`}
    >
      <InviteForm
        token={token}
        offer={offer.value}
        signedInAs={account.status === 'fulfilled' ? account.value.email : null}
      />
    </AuthCard>
  )
}
