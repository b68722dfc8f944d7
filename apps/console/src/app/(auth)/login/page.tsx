import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { serverApi } from '#api/server.ts'
import { AuthCard } from '#auth/auth-card.tsx'
import { LoginForm } from '#auth/login-form.tsx'
import { PlatformAway } from '#auth/platform-away.tsx'
import { safeNext } from '#lib/form.ts'

export const metadata: Metadata = { title: 'Sign in' }

interface LoginPageProps {
  searchParams: Promise<{ next?: string; ended?: string }>
}

export default async function LoginPage({ searchParams }: LoginPageProps) {
  const { next, ended } = await searchParams
  const { trpc, queryClient } = await serverApi()
  const [setup, account] = await Promise.allSettled([
    queryClient.fetchQuery(trpc.setup.status.queryOptions()),
    queryClient.fetchQuery(trpc.account.get.queryOptions()),
  ])
  if (account.status === 'fulfilled') redirect(safeNext(next))
  if (setup.status === 'fulfilled' && setup.value.needsFirstAccount) redirect('/setup')
  return (
    <AuthCard title="Sign in">
      {setup.status === 'fulfilled' ? <LoginForm next={next} ended={ended !== undefined} /> : <PlatformAway />}
    </AuthCard>
  )
}
