import { readFileSync } from 'node:fs'
import type { PullCredential } from '@slipway/domain'
import { z } from 'zod'

/** The registry's part of the environment. */
interface RegistryVariables {
  SLIPWAY_REGISTRY?: string | undefined
  SLIPWAY_REGISTRY_PUSH_URL?: string | undefined
  SLIPWAY_REGISTRY_USERNAME?: string | undefined
  SLIPWAY_REGISTRY_PASSWORD?: string | undefined
  SLIPWAY_REGISTRY_CONFIG?: string | undefined
}

const hostOf = (prefix: string) => prefix.split('/')[0] ?? prefix

/** The registry that images are named after is the one that they are pushed to, where nothing else is said. */
export const originOfRegistry = (prefix: string | undefined) =>
  prefix === undefined ? null : `https://${hostOf(prefix)}`

/**
 * A `.dockerconfigjson` with the registry's credentials, from a file or from a name and a password; null where there are none.
 * `wrong` makes the error for a line that says what is.
 */
export function registryConfigOf(env: RegistryVariables, wrong: (line: string) => Error): string | null {
  if (env.SLIPWAY_REGISTRY_CONFIG !== undefined) return readConfig(env.SLIPWAY_REGISTRY_CONFIG, wrong)
  const { SLIPWAY_REGISTRY_USERNAME: user, SLIPWAY_REGISTRY_PASSWORD: password, SLIPWAY_REGISTRY: prefix } = env
  if (user === undefined && password === undefined) return null
  if (user === undefined || password === undefined || prefix === undefined) {
    throw wrong('SLIPWAY_REGISTRY_USERNAME and SLIPWAY_REGISTRY_PASSWORD are set together, with SLIPWAY_REGISTRY.')
  }
  const push = env.SLIPWAY_REGISTRY_PUSH_URL
  const hosts = new Set([hostOf(prefix), ...(push === undefined ? [] : [new URL(push).host])])
  const auth = Buffer.from(`${user}:${password}`).toString('base64')
  return JSON.stringify({ auths: Object.fromEntries([...hosts].map((host) => [host, { auth }])) })
}

function readConfig(path: string, wrong: (line: string) => Error): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw wrong(`SLIPWAY_REGISTRY_CONFIG: ${error instanceof Error ? error.message : String(error)}.`)
  }
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    throw wrong(`SLIPWAY_REGISTRY_CONFIG: ${path} is no JSON.`)
  }
}

const dockerConfigSchema = z.object({
  auths: z.record(
    z.string(),
    z.object({ auth: z.string().optional(), username: z.string().optional(), password: z.string().optional() }),
  ),
})

/** Credentials of a `.dockerconfigjson`, for nodes that pull what was built. Entries without a password are left out. */
export function credentialsOf(registryConfig: string | null): PullCredential[] {
  const parsed = dockerConfigSchema.safeParse(registryConfig === null ? null : JSON.parse(registryConfig))
  return Object.entries(parsed.data?.auths ?? {}).flatMap(([address, { auth, username, password }]) => {
    const [user, ...rest] = Buffer.from(auth ?? '', 'base64')
      .toString('utf8')
      .split(':')
    const found = { username: username ?? user ?? '', password: password ?? rest.join(':') }
    return found.password === '' ? [] : [{ host: address.replace(/^https?:\/\//, '').replace(/\/.*$/, ''), ...found }]
  })
}

/** What images are built on, where the installation does not say. */
export const DEFAULT_BASE_IMAGES = {
  node: 'docker.io/library/node:{version}-slim',
  python: 'docker.io/library/python:{version}-slim',
  java: 'docker.io/library/eclipse-temurin:{version}-jre',
  go: 'docker.io/library/debian:bookworm-slim',
  ruby: 'docker.io/library/ruby:{version}-slim',
  php: 'docker.io/library/php:{version}-cli',
  procfile: 'docker.io/library/debian:bookworm-slim',
}
