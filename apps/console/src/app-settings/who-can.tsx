'use client'

import { PERMISSIONS, type Permission, ROLES, roleAllows } from '@slipway/domain'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTRPC } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { useRole } from '#shell/use-account.ts'

const NAMED = 3

/** One's own role, and who of the team can do what it does not allow. */
export function WhoCan({ team, permission, what }: { team: string; permission: Permission; what: string }) {
  const trpc = useTRPC()
  const role = useRole(team)
  const members = useQuery(trpc.member.list.queryOptions({ team })).data ?? []
  const able = members.filter((member) => roleAllows(member.role, permission))
  const names = able.slice(0, NAMED).map(({ name }) => name)
  if (able.length > NAMED) names.push(`${able.length - NAMED} more`)
  const weakest = ROLES.slice(ROLES.indexOf(PERMISSIONS[permission]))
  const who =
    names.length > 0 ? new Intl.ListFormat('en').format(names) : `A member with the role ${weakest.join(' or ')}`
  return (
    <p className="text-ink-3 text-xs">
      Your role in this team is {role ?? 'none'}. {who} can {what}.{' '}
      <Link href={paths.teamSettings({ team }, 'members')} className="text-accent underline">
        Members
      </Link>
    </p>
  )
}
