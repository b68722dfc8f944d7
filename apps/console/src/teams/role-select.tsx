'use client'

import { mayAssignRole, ROLES, type Role } from '@slipway/domain'
import { Select } from '#ui/select.tsx'

const ABOUT: Record<Role, string> = {
  viewer: 'Sees everything except secrets.',
  developer: 'Creates and deploys apps, scales, reads and changes config.',
  admin: 'Also manages members, quota and audit, and deletes projects.',
  owner: 'Everything, including owners.',
}

interface RoleSelectProps {
  value: Role
  onValueChange: (role: Role) => void
  /** Role of the one who gives it: nobody gives more than they hold. */
  actor: Role
  id?: string
  'aria-label'?: string
  className?: string
  disabled?: boolean
}

/** Picks a role, with what it allows. */
export function RoleSelect({ actor, ...rest }: RoleSelectProps) {
  const options = ROLES.toReversed().map((role) => ({
    value: role,
    label: role,
    about: ABOUT[role],
    disabled: !mayAssignRole(actor, role),
  }))
  return <Select<Role> options={options} {...rest} />
}
