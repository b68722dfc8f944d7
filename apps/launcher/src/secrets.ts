import type { LauncherEnv } from './env.ts'
import { secretFile } from './state.ts'

/** Secrets of this installation, 32 bytes in base64 unless a person set them. */
export interface Secrets {
  /** Encrypts config vars at rest. */
  secretKey: string
  /** Signs sessions. */
  sessionSecret: string
  /** Bearer token of the local cluster's API. */
  clusterToken: string
}

/** Takes each secret from the environment, from the state directory, or makes it there (mode 600). */
export function loadSecrets(env: LauncherEnv): Secrets {
  const { stateDir } = env
  return {
    secretKey: env.secretKey ?? secretFile(stateDir, 'secret-key'),
    sessionSecret: env.sessionSecret ?? secretFile(stateDir, 'session-secret'),
    clusterToken: secretFile(stateDir, 'cluster-token'),
  }
}
