import type { ReactNode } from 'react'
import { type Params, teamParams } from '#lib/params.ts'
import { TeamFrame } from '#teams/team-frame.tsx'

export default async function TeamSettingsLayout({ params, children }: { params: Params; children: ReactNode }) {
  return <TeamFrame teamRef={await teamParams(params)}>{children}</TeamFrame>
}
