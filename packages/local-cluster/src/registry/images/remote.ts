import {
  type CredentialStore,
  NO_CREDENTIALS,
  openSession,
  originOf,
  parseCredentials,
  parseReference,
  RegistryFailure,
} from '@slipway/builder/registry'
import { type ImageSource, remoteImage } from './source.ts'

/** A registry that is not there, or not for this machine to reach. */
export class RegistryUnreachableError extends Error {
  override name = 'RegistryUnreachableError'
}

/**
 * Finds an image in the registry that its reference names.
 * @param secrets texts of Docker configurations
 * @param isPlain whether a host's registry speaks plain HTTP
 * @throws RegistryUnreachableError, Error in containerd's words
 */
export async function findRemote(
  text: string,
  secrets: readonly string[],
  isPlain: (host: string) => boolean,
  signal: AbortSignal,
): Promise<ImageSource> {
  const { host, repository, tag, digest } = parseReference(text)
  const origin = isPlain(host) ? `http://${host}` : originOf(host)
  const credentials = credentialsIn(secrets)
  const session = openSession({ origin, repository, credentials, access: 'pull', signal })
  try {
    return await remoteImage(session, digest ?? tag ?? 'latest', text)
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error
    if (error.status === null) throw new RegistryUnreachableError(error.message)
    const isRefused = error.status === 401 || error.status === 403
    if (!isRefused && error.status !== 404) throw error
    if (error.status === 404) throw new Error(`${text}: not found`)
    const known = credentials.find(host, repository) !== null
    throw new Error(
      known
        ? `pull access denied: ${host} does not accept the credentials of the pod's imagePullSecrets for ${repository}`
        : `pull access denied: ${host} wants credentials for ${repository}, and the pod's imagePullSecrets have none`,
    )
  }
}

/** Of several secrets the first that has an entry for a registry counts. */
function credentialsIn(secrets: readonly string[]): CredentialStore {
  const stores = secrets.map((text) => parseCredentials(text))
  return {
    find: (host, repository) => {
      for (const store of stores.length === 0 ? [NO_CREDENTIALS] : stores) {
        const found = store.find(host, repository)
        if (found !== null) return found
      }
      return null
    },
  }
}
