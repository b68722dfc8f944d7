import { BuildFailure } from '../failure.ts'
import type { CredentialStore } from '../registry/credentials.ts'
import { readBlob } from '../registry/download.ts'
import { RegistryFailure } from '../registry/failure.ts'
import { parseJsonBuffer } from '../registry/json.ts'
import { type Descriptor, pullManifest } from '../registry/manifest.ts'
import { canonicalHost, originOf, parseReference } from '../registry/reference.ts'
import { openSession, type Session } from '../registry/session.ts'
import { type ImageConfig, imageConfigSchema } from './config.ts'

/** An image that ours is put on. */
export interface BaseImage {
  /** As the label says it: name and digest. */
  reference: string
  session: Session
  layers: Descriptor[]
  config: ImageConfig
}

/** Where images come from and go to. */
export interface Registries {
  /** Origin of our own registry, and the host that references to it name. */
  origin: string
  prefixHost: string
  credentials: CredentialStore
  signal: AbortSignal
}

/** Where an image is pushed to. */
export interface PushTarget extends Registries {
  /** Repository in the registry, with the path of the prefix. */
  repository: string
  /** Tag beside the digest, so that a registry that removes what has none keeps it. */
  tag: string
  /** Repository that keeps base layers of other registries; without it every app has its own. */
  baseRepository?: string | null
}

/** What is used where the source does not ask for a version. */
const DEFAULT_VERSIONS: Record<string, string> = {
  node: '24',
  python: '3.13',
  java: '21',
  go: '1.25',
  ruby: '3.4',
  php: '8.4',
}
/** Languages whose minor releases do not run each other's packages. */
const MINOR_LINES = ['python', 'ruby', 'php']
/** Before a reference: its registry speaks plain HTTP. */
const PLAIN = 'http://'
const MAX_CONFIG_BYTES = 4 * 1024 ** 2

/** Sites are served by Node. */
const SERVED_BY: Record<string, string> = { static: 'node' }

/**
 * The image a language's apps are put on; null where the installation names none for it. Of an exact version that has no
 * image, the image of its release line: `24.21.0`, then `24.21`, then `24`.
 */
export async function resolveBase(
  patterns: Readonly<Record<string, string>>,
  language: string,
  version: string | null,
  registries: Registries,
): Promise<BaseImage | null> {
  const name = patterns[language] ? language : (SERVED_BY[language] ?? language)
  const pattern = patterns[name]
  if (pattern === undefined || pattern === '') return null
  const candidates = candidatesOf(pattern, name, version)
  for (const [index, candidate] of candidates.entries()) {
    try {
      return await pullBase(candidate, registries)
    } catch (error) {
      if (!(error instanceof RegistryFailure) || error.status !== 404) throw error
      if (index < candidates.length - 1) continue
      throw new BuildFailure(
        `There is no base image ${candidate}.`,
        version === null
          ? 'Ask your operator to correct SLIPWAY_BASE_IMAGES.'
          : `Ask for another version of ${name} than ${version}, or have SLIPWAY_BASE_IMAGES corrected.`,
      )
    }
  }
  return null
}

function candidatesOf(pattern: string, language: string, version: string | null): string[] {
  if (!pattern.includes('{version}')) return [pattern]
  const wanted = version ?? DEFAULT_VERSIONS[language]
  if (wanted === undefined) {
    throw new BuildFailure(
      `The base image of ${language} apps, ${pattern}, needs a version, and nothing says which.`,
      'Ask your operator to name one without {version} in SLIPWAY_BASE_IMAGES.',
    )
  }
  const parts = wanted.split('.')
  const lines = parts.map((_, index) => parts.slice(0, parts.length - index).join('.'))
  const fitting = lines.filter((line) => line === wanted || line.includes('.') || !MINOR_LINES.includes(language))
  return fitting.map((line) => pattern.replaceAll('{version}', line))
}

/** Reads manifest and configuration of an image; its layers stay where they are. */
export async function pullBase(name: string, registries: Registries): Promise<BaseImage> {
  const isPlain = name.startsWith(PLAIN)
  const bare = isPlain ? name.slice(PLAIN.length) : name
  const { host, repository, tag, digest } = parseReference(bare)
  const foreign = isPlain ? `${PLAIN}${host}` : originOf(host)
  const origin = host === canonicalHost(registries.prefixHost) ? registries.origin : foreign
  const { credentials, signal } = registries
  const session = openSession({ origin, repository, credentials, access: 'pull', signal })
  const manifest = await pullManifest(session, digest ?? tag ?? 'latest', name)
  const config = imageConfigSchema.safeParse(
    parseJsonBuffer(await readBlob(session, manifest.config, MAX_CONFIG_BYTES)),
  )
  if (!config.success || config.data.rootfs?.diff_ids.length !== manifest.layers.length) {
    throw new BuildFailure(
      `The base image ${name} has a configuration that does not fit its layers.`,
      'Ask your operator to name another in SLIPWAY_BASE_IMAGES.',
    )
  }
  const reference = `${bare.split('@')[0]}@${manifest.digest}`
  return { reference, session, layers: manifest.layers, config: config.data }
}
