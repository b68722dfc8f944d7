import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { LauncherEnv } from './env.ts'
import { secretFile } from './state.ts'

/** Secrets of this installation, 32 bytes in base64 unless a person set them or it is said here. */
export interface Secrets {
  /** Encrypts config vars at rest. */
  secretKey: string
  /** Signs sessions. */
  sessionSecret: string
  /** Bearer token of the local cluster's API. */
  clusterToken: string
  /** Private key (PEM) of the tokens that open the local cluster's registry. */
  registryTokenKey: string
}

/** Takes each secret from the environment, from the state directory, or makes it there (mode 600). */
export function loadSecrets(env: LauncherEnv): Secrets {
  const { stateDir } = env
  return {
    secretKey: env.secretKey ?? secretFile(stateDir, 'secret-key'),
    sessionSecret: env.sessionSecret ?? secretFile(stateDir, 'session-secret'),
    clusterToken: secretFile(stateDir, 'cluster-token'),
    registryTokenKey: env.registryTokenKey ?? secretFile(stateDir, 'registry-token-key', makeKey),
  }
}

const makeKey = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/**
 * The public half of a private key, PEM.
 * @throws Error in one line for what is no private key
 */
export function publicKeyOf(privateKey: string): string {
  try {
    const key = createPublicKey(createPrivateKey(privateKey.replaceAll('\\n', '\n')))
    return key.export({ type: 'spki', format: 'pem' }).toString()
  } catch {
    throw new Error(
      'SLIPWAY_REGISTRY_TOKEN_KEY, or registry-token-key in the state directory, is no private key in PEM.',
    )
  }
}
