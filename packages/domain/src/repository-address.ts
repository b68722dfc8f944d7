/** Who Slipway is at a git host. `user` null: what the host takes beside a token. */
export interface RepositoryCredentials {
  user: string | null
  token: string
}

/** The old way to write a token into a GitHub address: as the user, with this for a password. */
const NO_PASSWORD = 'x-oauth-basic'
/** A user without a password is a token when it is as long as one, and just a name (`git@`) otherwise. */
const MIN_TOKEN_CHARACTERS = 20

/** Takes user and password out of an http(s) address, where people paste them. An address that is none is answered as it is. */
export function splitRepositoryAddress(address: string): { url: string; credentials: RepositoryCredentials | null } {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return { url: address, credentials: null }
  const url = new URL(address)
  if (url.username === '' && url.password === '') return { url: address, credentials: null }
  const [user, password] = [decoded(url.username), decoded(url.password)]
  url.username = ''
  url.password = ''
  return { url: url.href, credentials: credentialsOf(user, password) }
}

function credentialsOf(user: string, password: string): RepositoryCredentials | null {
  if (password !== '' && password !== NO_PASSWORD) return { user: user === '' ? null : user, token: password }
  if (password === NO_PASSWORD || user.length >= MIN_TOKEN_CHARACTERS) return { user: null, token: user }
  return null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A lone % is what it is.
  }
}
