import type { AppError, TokenScope } from '@slipway/domain'

/** Who makes a request. Rights are not part of it: they are looked up in the team that a request names. */
export interface Caller {
  userId: string
  email: string
  name: string
  operator: boolean
  /** Browsers send cookies by themselves, so what comes by `cookie` must also come from our own origin. */
  via: 'cookie' | 'session' | 'token'
  /** Id of the session or API token. */
  credentialId: string
  /** What the API token may do at most; sessions may do all. */
  scope: TokenScope
}

/** What the credentials of a request came to. `problem` says why given credentials do not count; null where none were given. */
export interface Identity {
  caller: Caller | null
  problem: AppError | null
}
