import { cookies, headers } from 'next/headers'
import type { ReactNode } from 'react'
import { Hydrate } from '#api/hydrate.tsx'
import { load, serverApi } from '#api/server.ts'
import { SIDEBAR_COOKIE } from '#lib/theme.ts'
import { isApple } from '#lib/user-agent.ts'
import { Shell } from '#shell/shell.tsx'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { trpc, queryClient } = await serverApi()
  await load(queryClient.fetchQuery(trpc.account.get.queryOptions()))
  const folded = (await cookies()).get(SIDEBAR_COOKIE)?.value === 'folded'
  return (
    <Hydrate>
      <Shell initiallyFolded={folded} apple={isApple((await headers()).get('user-agent'))}>
        {children}
      </Shell>
    </Hydrate>
  )
}
