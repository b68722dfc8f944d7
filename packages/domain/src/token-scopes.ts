import type { Permission } from './roles.ts'

/** What an API token may do at most, least first. Its account's role counts beside it. */
export const TOKEN_SCOPES = ['read', 'deploy', 'full'] as const
export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** Permissions that a token has without full scope. What shows secrets is not reading. */
const LESSER_SCOPES: Partial<Record<Permission, TokenScope>> = {
  'team.read': 'read',
  'member.read': 'read',
  'audit.read': 'read',
  'quota.read': 'read',
  'registry.read': 'read',
  'app.read': 'read',
  'config.read': 'read',
  'app.deploy': 'deploy',
  'app.scale': 'deploy',
}

/** The least scope that a token needs for a permission; a new permission needs full scope until it is named above. */
export const scopeFor = (permission: Permission): TokenScope => LESSER_SCOPES[permission] ?? 'full'

/** True when a token of `scope` may do what needs `least`. */
export function scopeAllows(scope: TokenScope, least: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(scope) >= TOKEN_SCOPES.indexOf(least)
}
