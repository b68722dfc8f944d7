/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  scheme: 'basic' | 'bearer'
  parameters: Record<string, string>
}

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi

/**
 * The first challenge that is understood, Bearer before Basic.
 * Reference: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenge(header: string | null): Challenge | null {
  const found: Challenge[] = []
  for (const part of (header ?? '').split(/(?=\b(?:Basic|Bearer)\b\s)/i)) {
    const [, scheme, rest = ''] = /^(basic|bearer)\b\s*(.*)$/is.exec(part.trim()) ?? []
    if (scheme === undefined) continue
    const parameters = Object.fromEntries(
      [...rest.matchAll(PARAMETER)].map(([, name = '', quoted, plain]) => [
        name.toLowerCase(),
        quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
      ]),
    )
    found.push({ scheme: scheme.toLowerCase() === 'bearer' ? 'bearer' : 'basic', parameters })
  }
  return found.find(({ scheme }) => scheme === 'bearer') ?? found[0] ?? null
}
