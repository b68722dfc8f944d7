/** Name rules with Kubernetes' own sentences. Reference: k8s.io/apimachinery/pkg/util/validation. */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const dns1123LabelPattern = new RegExp(`^${label}$`)
const dns1123SubdomainPattern = new RegExp(`^${subdomain}$`)
const qualifiedNamePattern = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const labelValuePattern = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
const wildcardPattern = new RegExp(`^\\*\\.${subdomain}$`)

const longestLabel = 63
const longestSubdomain = 253

/** Keys and values of labels are measured in bytes, everything else says characters; both mean bytes. */
function tooLong(most: number, unit: 'bytes' | 'characters' = 'characters'): string {
  return `must be no more than ${most} ${unit}`
}

export function dns1123Label(name: string): string[] {
  const out = name.length > longestLabel ? [tooLong(longestLabel)] : []
  if (dns1123LabelPattern.test(name)) return out
  const subject = dns1123SubdomainPattern.test(name) ? 'must not contain dots' : null
  out.push(
    subject ??
      `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  )
  return out
}

export function dns1123Subdomain(name: string): string[] {
  const out = name.length > longestSubdomain ? [tooLong(longestSubdomain)] : []
  if (!dns1123SubdomainPattern.test(name)) {
    out.push(
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
    )
  }
  return out
}

export function wildcardSubdomain(name: string): string[] {
  if (name.startsWith('*.') && wildcardPattern.test(name) && name.length <= longestSubdomain) return []
  return [
    `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.${subdomain}')`,
  ]
}

/** Keys of labels and annotations: `[prefix/]name`. */
export function qualifiedName(key: string): string[] {
  const parts = key.split('/')
  const name = parts.at(-1) ?? ''
  const syntax =
    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  if (parts.length > 2) {
    return [
      `${syntax.replace('a qualified name', 'a valid label key')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const out: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') out.push('prefix part must be non-empty')
    else out.push(...dns1123Subdomain(prefix).map((why) => `prefix part ${why}`))
  }
  if (name === '') out.push('name part must be non-empty')
  else if (name.length > longestLabel) out.push(`name part ${tooLong(longestLabel, 'bytes')}`)
  if (!qualifiedNamePattern.test(name)) out.push(`name part ${syntax.replace('a qualified name ', '')}`)
  return out
}

export function labelValue(value: string): string[] {
  const out = value.length > longestLabel ? [tooLong(longestLabel, 'bytes')] : []
  if (!labelValuePattern.test(value)) {
    out.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    )
  }
  return out
}

/** Keys of ConfigMaps and Secrets. */
export function configKey(key: string): string[] {
  const out = key.length > longestSubdomain ? [tooLong(longestSubdomain)] : []
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    out.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    )
  } else if (key === '.') out.push("must not be '.'")
  else if (key === '..') out.push("must not be '..'")
  else if (key.startsWith('..')) out.push("must not start with '..'")
  return out
}

/** Environment variable names: since 1.34 any printable ASCII but `=`. */
export function environmentName(name: string): string[] {
  if (/^[ -<>-~]+$/.test(name)) return []
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** IANA service names: of container and service ports. */
export function portName(name: string): string[] {
  const out: string[] = []
  if (name.length > 15) out.push(tooLong(15))
  if (!/^[-a-z0-9]+$/.test(name)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) out.push('must contain at least one letter (a-z)')
  if (name.includes('--')) out.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) out.push('must not begin or end with a hyphen')
  return out
}

export function portNumber(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** Names that may be more than DNS names (`system:node`), but stay one segment of a path. */
export function pathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}
