import { TOKEN_SCOPES, type TokenScope } from '@slipway/domain'

const SCOPE_LABELS: Record<TokenScope, string> = { read: 'Read only', deploy: 'Deploy', full: 'Full access' }

/** What a token of each scope is good for; `slipway tokens create --help` says the same. */
export const SCOPE_HINTS: Record<TokenScope, string> = {
  read: 'Sees what you see, except secrets and source code. Changes nothing.',
  deploy: 'Reads, pushes and fetches with git, deploys, rolls back and scales. Best for CI.',
  full: 'Everything you can do, including changes to your account.',
}

/** How long a token is good for: days, as choices of a select. */
export const LIFETIMES: readonly { value: string; label: string }[] = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
]

/** Choices of a select. */
export const SCOPES: readonly { value: TokenScope; label: string }[] = TOKEN_SCOPES.map((value) => ({
  value,
  label: SCOPE_LABELS[value],
}))

export const scopeLabel = (scope: TokenScope) => SCOPE_LABELS[scope]
