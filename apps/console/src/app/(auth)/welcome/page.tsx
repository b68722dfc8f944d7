import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { load, serverApi } from '#api/server.ts'
import { PlatformAway } from '#auth/platform-away.tsx'
import { WelcomeSteps } from '#auth/welcome-steps.tsx'

export const metadata: Metadata = { title: 'Welcome' }

interface WelcomePageProps {
  searchParams: Promise<{ new?: string }>
}

/** The guided start. With `?new=team` it makes one more team for somebody who has some. */
export default async function WelcomePage({ searchParams }: WelcomePageProps) {
  const wantsTeam = (await searchParams).new === 'team'
  const { trpc, queryClient } = await serverApi()
  const account = await load(queryClient.fetchQuery(trpc.account.get.queryOptions()))
  if (!account) return <PlatformAway />
  const [first] = account.teams
  if (wantsTeam || !first) return <WelcomeSteps team={null} mayCreate={account.mayCreateTeams} />
  const team = await load(queryClient.fetchQuery(trpc.team.get.queryOptions({ team: first.team })))
  if (team && (team.projects.length > 0 || account.teams.length > 1)) redirect('/')
  return <WelcomeSteps team={first.team} mayCreate={account.mayCreateTeams} />
}
