import { posix } from 'node:path'
import { badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'

/** Where the next page of a list begins. */
export interface ContinueToken {
  /** The revision that all pages show; negative: the newest one. */
  revision: number
  /** The key of the object that was shown last. */
  start: string
}

const version = 'meta.k8s.io/v1'

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: version, rv: revision, start })).toString('base64url')
}

/** Reference: k8s.io/apiserver/pkg/storage.DecodeContinue. @throws ApiError 400 for a token that is not one of this server's. */
export function decodeContinue(token: string): ContinueToken {
  const bad = token.search(/[^\w-]/)
  if (bad >= 0) throw notValid(`illegal base64 data at input byte ${bad}`)
  const bytes = Buffer.from(token, 'base64url')
  const value = parsed(bytes)
  const { v = '', rv = 0, start = '' } = isJsonObject(value) ? value : {}
  if (v !== version) throw notValid(`server does not recognize this encoded version ${String(v)}`)
  if (typeof rv !== 'number' || rv === 0) throw notValid(`incorrect encoded start resourceVersion (version ${version})`)
  if (typeof start !== 'string' || start === '') throw notValid(`encoded start key empty (version ${version})`)
  const key = start.startsWith('/') ? start : `/${start}`
  if (posix.normalize(key) !== key) throw notValid(start)
  return { revision: rv, start }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw notValid(`invalid character '${shownByte(bytes[0] ?? 0)}' looking for beginning of value`)
  }
}

const notValid = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)

/** A byte as Go quotes it in its messages. */
function shownByte(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\u${byte.toString(16).padStart(4, '0')}`
}
