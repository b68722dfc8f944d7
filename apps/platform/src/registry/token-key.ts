import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto'

/** What the bearer of a token may do with one thing of the registry. */
export interface Access {
  type: string
  name: string
  actions: string[]
}

export const TOKEN_ISSUER = 'slipway'
/** The registry, as tokens name it. */
export const REGISTRY_SERVICE = 'slipway-registry'

/** The key of the registry's tokens. Every credential comes of it too, so another key ends all that was given out. */
export interface TokenKey {
  /** Makes a JSON web token (RFC 7519). */
  sign(token: { subject: string; access: readonly Access[]; lifeSeconds: number; now: Date }): string
  /** A text that nobody else can make for `text`. */
  macOf(text: string): string
}

const ALGORITHMS: Record<string, string> = { ec: 'ES256', rsa: 'RS256' }

/** @throws Error with a sentence for what is no private key that tokens can be signed with */
export function readTokenKey(pem: string): TokenKey {
  const key = parseKey(pem)
  const algorithm = ALGORITHMS[key.asymmetricKeyType ?? '']
  const curve = key.asymmetricKeyDetails?.namedCurve ?? 'prime256v1'
  if (algorithm === undefined || curve !== 'prime256v1') throw new Error('must be a P-256 or RSA private key')
  const header = { typ: 'JWT', alg: algorithm, kid: keyIdOf(key) }
  const secret = hkdfSync('sha256', key.export({ type: 'pkcs8', format: 'der' }), '', 'registry credentials', 32)
  return {
    sign({ subject, access, lifeSeconds, now }) {
      const seconds = Math.floor(now.getTime() / 1000)
      const [nbf, exp] = [seconds - CLOCK_SKEW_SECONDS, seconds + lifeSeconds]
      const about = { iss: TOKEN_ISSUER, aud: REGISTRY_SERVICE, sub: subject, jti: randomUUID() }
      const text = `${encode(header)}.${encode({ ...about, iat: seconds, nbf, exp, access })}`
      // JSON web signatures have both numbers of an elliptic curve's as they are, not in DER.
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
    macOf: (text) => createHmac('sha256', Buffer.from(secret)).update(text).digest('base64url'),
  }
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** The registry's clock may be behind ours. */
const CLOCK_SKEW_SECONDS = 10

/** Line breaks may have become `\n` on their way through an environment file. */
function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'))
  } catch {
    throw new Error('must be a private key in PEM: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256')
  }
}

/**
 * Name of a key as CNCF Distribution 2 makes it for the certificates that it trusts.
 * Reference: https://github.com/distribution/distribution/blob/v2.8.3/docs/spec/auth/jwt.md
 */
export function keyIdOf(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const text = base32(createHash('sha256').update(der).digest().subarray(0, 30))
  return (text.match(/.{4}/g) ?? []).join(':')
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? [])
    .map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)])
    .join('')
}
