import type { ServerResponse } from 'node:http'

/** Characters of all warnings of an answer; beyond them each is shortened. */
const mostCharacters = 4096
const mostCharactersOfOne = 256

/** `Warning` headers, each text once. Reference: k8s.io/apiserver/pkg/endpoints/filters/warning.go. */
export function addWarnings(response: ServerResponse, warnings: readonly string[]): void {
  if (warnings.length === 0) return
  const said = [...new Set(warnings)].filter((text) => text !== '')
  const all = said.reduce((sum, text) => sum + text.length, 0)
  const texts = all <= mostCharacters ? said : within(said.map((text) => text.slice(0, mostCharactersOfOne)))
  for (const text of texts) {
    response.appendHeader('Warning', `299 - ${JSON.stringify(text.replaceAll(/[^\t\x20-\x7e]/g, '?'))}`)
  }
}

/** As many as fit, and the one that does not fit any more. */
function within(texts: string[]): string[] {
  let sum = 0
  return texts.filter((text) => {
    const fits = sum < mostCharacters
    sum += text.length
    return fits
  })
}
