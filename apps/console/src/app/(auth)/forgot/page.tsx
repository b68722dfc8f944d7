import type { Metadata } from 'next'
import Link from 'next/link'
import { serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { ForgotForm } from '#auth/forgot-form.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'
import { CodeBlock } from '#ui/code-block.tsx'

export const metadata: Metadata = { title: 'Forgot password' }

/** The way back in without a password: by mail, or where none is sent by an operator, who vouches for who one is. */
export default async function ForgotPage() {
  const { trpc, queryClient } = await serverApi()
  const setup = await queryClient.fetchQuery(trpc.setup.status.queryOptions()).catch(() => null)
  if (setup === null) {
    return (
      <AuthCard title="Forgot your password?">
        <PlatformAway />
      </AuthCard>
    )
  }
  const { mail } = setup.capabilities
  return (
    <AuthCard
      title="Forgot your password?"
      about={
        mail
          ? 'Enter the address of your account. You will get an e-mail with a link to set a new password.'
          : 'Ask an operator of this installation for a reset link. It lets you set a new password.'
      }
    >
      <div className="flex flex-col gap-4 text-sm">
        {mail ? (
          <ForgotForm />
        ) : (
          <>
            <p className="text-ink-2">Operators create the link from the command line:</p>
            <CodeBlock code="slipway accounts reset-link you@example.com" what="command" shell />
            <p className="text-ink-2">
              It works once, within 24 hours. Your old password keeps working until you set a new one.
            </p>
          </>
        )}
        <Link href="/login" className="self-start text-ink-2 hover:underline">
          Back to sign in
        </Link>
      </div>
    </AuthCard>
  )
}
