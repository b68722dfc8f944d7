/** What can happen to an account, as its own page lists it. */
export const ACCOUNT_ACTIONS = [
  'session.create',
  'session.failed',
  'session.end',
  'session.revoke',
  'device.approve',
  'device.refuse',
  'token.create',
  'token.revoke',
  'password.change',
  'password.resetLink',
  'password.reset',
] as const
export type AccountAction = (typeof ACCOUNT_ACTIONS)[number]

/** True for what strangers can cause. */
export function isFailedSignIn(action: AccountAction): boolean {
  return action === 'session.failed'
}
