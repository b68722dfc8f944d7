/** JSON that others wrote; null where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

export const parseJsonBuffer = (content: Buffer): unknown => parseJson(content.toString('utf8'))
