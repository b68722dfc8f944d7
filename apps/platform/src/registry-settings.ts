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
  SLIPWAY_REGISTRY_TOKEN_KEY?: string | undefined
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
  const account = registryAccountOf(env, wrong)
  if (env.SLIPWAY_REGISTRY_CONFIG !== undefined) return readConfig(env.SLIPWAY_REGISTRY_CONFIG, wrong)
  // Where tokens open our own registry this account is its operator's, and nobody else gets it.
  if (account === null || env.SLIPWAY_REGISTRY_TOKEN_KEY !== undefined) return null
  const hosts = registryHosts(env.SLIPWAY_REGISTRY ?? null, env.SLIPWAY_REGISTRY_PUSH_URL ?? null)
  return withCredentials(
    null,
    hosts.map((host) => ({ host, ...account })),
  )
}

/** The account of SLIPWAY_REGISTRY_USERNAME; null where there is none. */
export function registryAccountOf(
  env: RegistryVariables,
  wrong: (line: string) => Error,
): { username: string; password: string } | null {
  const { SLIPWAY_REGISTRY_USERNAME: username, SLIPWAY_REGISTRY_PASSWORD: password, SLIPWAY_REGISTRY: prefix } = env
  if (username === undefined && password === undefined) return null
  if (username === undefined || password === undefined || prefix === undefined) {
    throw wrong('SLIPWAY_REGISTRY_USERNAME and SLIPWAY_REGISTRY_PASSWORD are set together, with SLIPWAY_REGISTRY.')
  }
  return { username, password }
}

/** Names of our registry: in references to images, and for pushes. */
export function registryHosts(prefix: string | null, pushUrl: string | null): string[] {
  return [
    ...new Set([...(prefix === null ? [] : [hostOf(prefix)]), ...(pushUrl === null ? [] : [new URL(pushUrl).host])]),
  ]
}

const hostOfAddress = (address: string) => address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

/** A `.dockerconfigjson` with these credentials, in place of others that it has for their hosts. */
export function withCredentials(registryConfig: string | null, credentials: readonly PullCredential[]): string {
  const config = configSchema.parse(registryConfig === null ? {} : JSON.parse(registryConfig))
  const others = Object.entries(config.auths).filter(([address]) =>
    credentials.every(({ host }) => host !== hostOfAddress(address)),
  )
  const own = credentials.map(({ host, username, password }) => [
    host,
    { auth: Buffer.from(`${username}:${password}`).toString('base64') },
  ])
  return JSON.stringify({ ...config, auths: Object.fromEntries([...others, ...own]) })
}

const configSchema = z.looseObject({ auths: z.record(z.string(), z.unknown()).default({}) })

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
    throw wrong(`SLIPWAY_REGISTRY_CONFIG: ${path} is not valid JSON.`)
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
    return found.password === '' ? [] : [{ host: hostOfAddress(address), ...found }]
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
