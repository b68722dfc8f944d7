/** Docker Hub's, which is meant where no registry is named. */
const DEFAULT_DOMAIN = 'docker.io'
const LONGEST_NAME = 255
const HEX_DIGITS = { sha256: 64, sha384: 96, sha512: 128 }

const domainName = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainName}(?:\\.${domainName})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const tag = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const whole = new RegExp(`^(${domain}/${pathComponent}(?:/${pathComponent})*)(?::${tag})?(?:@(${digest}))?$`)

/**
 * What is wrong with an image reference, in the words of those who parse it; null where nothing is.
 * Reference: https://pkg.go.dev/github.com/distribution/reference (ParseNormalizedNamed).
 */
export function referenceFault(text: string): string | null {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`
  }
  const { host, rest } = split(text)
  const colon = rest.indexOf(':')
  const remote = colon === -1 ? rest : rest.slice(0, colon)
  if (remote !== remote.toLowerCase()) return `invalid reference format: repository name (${remote}) must be lowercase`
  const [, name, digestText] = whole.exec(`${host}/${rest}`) ?? []
  if (name === undefined) return 'invalid reference format'
  if (name.length - host.length - 1 > LONGEST_NAME) {
    return `repository name must not be more than ${LONGEST_NAME} characters`
  }
  return digestText === undefined ? null : digestFault(digestText)
}

/** The registry and the rest. A first part is a host when it looks like one. */
function split(text: string): { host: string; rest: string } {
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(0, slash))
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  if (isHost) return { host: first, rest: text.slice(slash + 1) }
  return { host: DEFAULT_DOMAIN, rest: slash === -1 ? `library/${text}` : text }
}

function digestFault(text: string): string | null {
  const [algorithm = '', hex = ''] = text.split(':')
  const wanted = new Map<string, number>(Object.entries(HEX_DIGITS)).get(algorithm)
  if (wanted === undefined) return 'unsupported digest algorithm'
  if (hex.length !== wanted) return 'invalid checksum digest length'
  return hex === hex.toLowerCase() ? null : 'invalid checksum digest format'
}
