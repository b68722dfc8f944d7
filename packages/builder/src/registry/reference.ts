import { BuildFailure } from '../failure.ts'

/** An image's name, taken apart: `docker.io/library/node:24-slim@sha256:…`. */
export interface ImageReference {
  /** Host with port, `docker.io` where none is named. */
  host: string
  repository: string
  /** `latest` where neither tag nor digest is named. */
  tag: string | null
  digest: string | null
}

const DIGEST = /^sha256:[a-f0-9]{64}$/
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const DOCKER_HUB = 'docker.io'

/**
 * Takes a reference apart as Docker does: without a host it is one of Docker Hub, without an owner one of its library.
 * Reference: https://github.com/distribution/reference
 * @throws BuildFailure for what is no reference
 */
export function parseReference(text: string): ImageReference {
  const [named = '', digest = null] = text.split(/@(.*)/s)
  const slash = named.indexOf('/')
  const first = slash < 0 ? '' : named.slice(0, slash)
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const path = hasHost ? named.slice(slash + 1) : named
  const [bare = '', tag = null] = path.split(/:(.*)/s)
  const host = hasHost ? canonicalHost(first) : DOCKER_HUB
  const repository = host === DOCKER_HUB && !bare.includes('/') ? `library/${bare}` : bare
  const isRight = REPOSITORY.test(repository) && (tag === null || TAG.test(tag)) && isDigestOrNull(digest)
  if (!isRight)
    throw new BuildFailure(`"${text}" is not an image reference.`, 'Write it as registry.example.com/team/image:tag.')
  return { host, repository, tag: tag ?? (digest === null ? 'latest' : null), digest }
}

const isDigestOrNull = (digest: string | null) => digest === null || DIGEST.test(digest)

/** One name for the many of Docker Hub. */
export function canonicalHost(host: string): string {
  return /^(index\.docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com)$/.test(host) ? DOCKER_HUB : host
}

/** Where a host's registry answers: always https. Plain http is spoken only where an origin says so. */
export function originOf(host: string): string {
  return `https://${host === DOCKER_HUB ? 'registry-1.docker.io' : host}`
}
