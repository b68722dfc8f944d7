/** Roles in a team, weakest first. */
export const ROLES = ['viewer', 'developer', 'admin', 'owner'] as const
export type Role = (typeof ROLES)[number]

/** Everything a role can allow, and the weakest role that may do it. The one table: API, git, CLI and UI all ask it. */
export const PERMISSIONS = {
  'team.read': 'viewer',
  'team.update': 'admin',
  'team.delete': 'owner',
  'member.read': 'viewer',
  'member.leave': 'viewer',
  'member.manage': 'admin',
  'audit.read': 'admin',
  'quota.read': 'viewer',
  'quota.manage': 'admin',
  'registry.read': 'developer',
  'registry.manage': 'admin',
  'project.create': 'developer',
  'project.delete': 'admin',
  'environment.create': 'developer',
  'environment.delete': 'admin',
  'app.read': 'viewer',
  'app.create': 'developer',
  'app.deploy': 'developer',
  'app.scale': 'developer',
  'app.run': 'developer',
  'app.exec': 'developer',
  'app.update': 'developer',
  'app.delete': 'developer',
  'config.read': 'viewer',
  'config.reveal': 'developer',
  'config.write': 'developer',
  'webhook.read': 'developer',
  'webhook.manage': 'developer',
} as const satisfies Record<string, Role>
export type Permission = keyof typeof PERMISSIONS

/** True when `role` is at least as strong as the weakest role that holds `permission`. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(PERMISSIONS[permission])
}

/** True when `actor` may give or take away `subject`: nobody hands out more than they hold, only owners make owners. */
export function mayAssignRole(actor: Role, subject: Role): boolean {
  return roleAllows(actor, 'member.manage') && ROLES.indexOf(actor) >= ROLES.indexOf(subject)
}
