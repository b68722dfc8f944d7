/** A parsed image reference, `[host[:port]/]name[:tag][@sha256:…]`. */
export interface ImageReference {
  /** Registry host, null where none is named (Docker Hub on a real cluster). */
  host: string | null
  name: string
  /** Tag or digest; the digest where both are given. */
  reference: string
}

/** Reference: https://pkg.go.dev/github.com/distribution/reference */
export function parseReference(text: string): ImageReference {
  const at = text.indexOf('@')
  const digest = at === -1 ? null : text.slice(at + 1)
  const beforeDigest = at === -1 ? text : text.slice(0, at)
  const slash = beforeDigest.indexOf('/')
  const first = slash === -1 ? '' : beforeDigest.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const rest = hasHost ? beforeDigest.slice(slash + 1) : beforeDigest
  const colon = rest.lastIndexOf(':')
  return {
    host: hasHost ? first : null,
    name: colon === -1 ? rest : rest.slice(0, colon),
    reference: digest ?? (colon === -1 ? 'latest' : rest.slice(colon + 1)),
  }
}

/** The reference as a container runtime reports it: with its registry, and the tag it means where it names none. */
export function canonicalImage(text: string): string {
  const { host, name } = parseReference(text)
  const tagged = text.includes('@') || /:[^/]*$/.test(text) ? '' : ':latest'
  if (host !== null) return `${text}${tagged}`
  return `docker.io/${name.includes('/') ? '' : 'library/'}${text}${tagged}`
}
