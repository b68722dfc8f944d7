import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { BuildFailure } from '../failure.ts'
import { parseJson } from './json.ts'
import { canonicalHost } from './reference.ts'

/** What a registry's name and repository are opened with. */
export type Credentials = { username: string; password: string } | { identityToken: string }

/** Credentials by registry, as a Docker configuration holds them. */
export interface CredentialStore {
  /** The most specific entry for a repository, null where there is none. */
  find(host: string, repository: string): Credentials | null
}

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const configSchema = z.object({ auths: z.record(z.string(), entrySchema).default({}) })

/** For registries that everybody may use. */
export const NO_CREDENTIALS: CredentialStore = { find: () => null }

/**
 * Reads `config.json` in the folder that DOCKER_CONFIG names; null: nothing is known.
 * Reference: https://kubernetes.io/docs/concepts/containers/images/#config-json
 * @throws BuildFailure for a file that is no Docker configuration
 */
export async function readCredentials(dockerConfig: string | null): Promise<CredentialStore> {
  if (dockerConfig === null) return NO_CREDENTIALS
  const file = path.join(dockerConfig, 'config.json')
  return parseCredentials(await readFile(file, 'utf8'))
}

/** Entries of a Docker configuration. */
export function parseCredentials(text: string): CredentialStore {
  const parsed = configSchema.safeParse(parseJson(text))
  if (!parsed.success) {
    throw new BuildFailure(
      'The registry credentials are not a Docker configuration.',
      'Ask your operator to make them with "docker login" or kubectl create secret docker-registry.',
    )
  }
  const entries = Object.entries(parsed.data.auths).flatMap(([key, entry]) => {
    const credentials = credentialsOf(entry)
    return credentials === null ? [] : [{ place: placeOf(key), credentials }]
  })
  // The longest match wins: credentials of one repository before those of its registry.
  entries.sort((a, b) => b.place.length - a.place.length)
  return {
    find(host, repository) {
      const wanted = `${canonicalHost(host)}/${repository}/`
      return entries.find(({ place }) => wanted.startsWith(`${place}/`))?.credentials ?? null
    },
  }
}

/** `https://index.docker.io/v1/` → `docker.io`. */
function placeOf(key: string): string {
  const [host = '', ...rest] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '')
    .split('/')
  return [canonicalHost(host), ...rest].join('/')
}

function credentialsOf({ auth, username, password, identitytoken }: z.infer<typeof entrySchema>): Credentials | null {
  if (identitytoken) return { identityToken: identitytoken }
  if (username !== undefined && password !== undefined) return { username, password }
  const decoded = Buffer.from(auth ?? '', 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? null : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
