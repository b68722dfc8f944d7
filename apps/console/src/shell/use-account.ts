'use client'

import { type Permission, type Role, roleAllows } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#api/trpc.ts'

/** Who is signed in, with their teams. Undefined until the platform has answered once. */
export function useAccount() {
  const trpc = useTRPC()
  return useQuery(trpc.account.get.queryOptions(undefined, { staleTime: 60_000 })).data
}

/** The role of the one who is signed in, in a team; null when not a member. */
export function useRole(team: string | undefined): Role | null {
  return useAccount()?.teams.find((each) => each.team === team)?.role ?? null
}

/** True when the one who is signed in may do this in one team at least. */
export function useMayAnywhere(permission: Permission): boolean {
  return useAccount()?.teams.some(({ role }) => roleAllows(role, permission)) ?? false
}

/** True when the one who is signed in may do this in the team. The platform decides again on every call. */
export function useMay(team: string | undefined, permission: Permission): boolean {
  const role = useRole(team)
  return role !== null && roleAllows(role, permission)
}
