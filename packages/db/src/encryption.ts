import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { AppError } from '@slipway/domain'

const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Encrypts single fields. `context` is authenticated, not stored: a ciphertext moved to another row does not open there. */
export interface FieldCipher {
  encrypt(plaintext: string, context: string): string
  /** Throws `internal` when the key is unknown, or the text was changed or belongs to another context. */
  decrypt(ciphertext: string, context: string): string
}

interface Key {
  id: string
  bytes: Buffer
}

function readKey(base64: string): Key {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== 32) {
    throw new AppError(
      'invalid_input',
      `The secret key must be 32 bytes in base64, this one has ${bytes.length}. Make one with: openssl rand -base64 32`,
    )
  }
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes }
}

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV for each value. A ciphertext reads `v1.<key id>.<iv>.<data and tag>`,
 * so that keys can be changed: new values use `secretKey`, old ones are still read with `previousKeys`. Keys are base64, 32 bytes.
 */
export function createFieldCipher(secretKey: string, previousKeys: readonly string[] = []): FieldCipher {
  const current = readKey(secretKey)
  const keys = new Map([current, ...previousKeys.map(readKey)].map((key) => [key.id, key.bytes]))
  const additionalData = (keyId: string, context: string) => Buffer.from(`${VERSION}\0${keyId}\0${context}`)
  return {
    encrypt(plaintext, context) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv, { authTagLength: TAG_BYTES })
      cipher.setAAD(additionalData(current.id, context))
      const data = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return [VERSION, current.id, iv.toString('base64url'), data.toString('base64url')].join('.')
    },
    decrypt(ciphertext, context) {
      const [version, keyId, iv, data] = ciphertext.split('.')
      if (version !== VERSION || !keyId || !iv || !data)
        throw new AppError('internal', 'An encrypted value is malformed.')
      const key = keys.get(keyId)
      if (!key) {
        throw new AppError(
          'internal',
          `A value is encrypted with the key ${keyId}, which this installation does not have. Restore the SLIPWAY_SECRET_KEY it was written with.`,
        )
      }
      const bytes = Buffer.from(data, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), {
          authTagLength: TAG_BYTES,
        })
        decipher.setAAD(additionalData(keyId, context))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new AppError(
          'internal',
          'An encrypted value was changed or belongs to another place.',
          {},
          { cause: error },
        )
      }
    },
  }
}

/** What each encrypted field is bound to. */
export const cipherContext = {
  configVar: (appId: string, key: string) => `config-var:${appId}:${key}`,
  releaseConfig: (appId: string, release: number) => `release-config:${appId}:${release}`,
  webhookSecret: (appId: string) => `webhook-secret:${appId}`,
  accessToken: (appId: string) => `access-token:${appId}`,
  registryPassword: (teamId: string, host: string) => `registry-password:${teamId}:${host}`,
} as const
