import { AppError, type SlipwayFile, slipwayFileSchema } from '@slipway/domain'
import { isMap, isNode, LineCounter, type Node, parseDocument, visit } from 'yaml'

export const SLIPWAY_FILE = 'slipway.yaml'

/** Reads slipway.yaml. @throws AppError invalid_input that names the line which is wrong and what may stand there */
export function parseSlipwayFile(text: string, path = SLIPWAY_FILE): SlipwayFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false })
  const [fault] = document.errors
  if (fault) throw wrong(path, lines.linePos(fault.pos[0]).line, `${fault.message.split('\n')[0]?.replace(/\.$/, '')}.`)
  // Aliases could make a small file a huge value.
  visit(document, {
    Alias(_key, node) {
      throw wrong(path, lines.linePos(node.range?.[0] ?? 0).line, 'aliases are not taken.')
    },
  })
  const parsed = slipwayFileSchema.safeParse(document.toJS() ?? {})
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const where = [...(issue?.path ?? []), ...keys].map(String)
  const line = lineOf(document.contents, where, lines)
  const reason =
    keys.length > 0
      ? `"${keys[0]}" is not recognised here.`
      : `${where.join('.') || 'the file'}: ${issue?.message ?? 'is wrong'}.`
  throw wrong(path, line, reason)
}

const wrong = (path: string, line: number, reason: string) =>
  new AppError('invalid_input', `${path}, line ${line}: ${reason.replace(/\.\.$/, '.')} Correct it and push again.`)

/** Line of the deepest part of the path that the file has. */
function lineOf(contents: unknown, path: readonly string[], lines: LineCounter): number {
  let node: unknown = contents
  let line = 1
  for (const key of path) {
    if (!isMap(node)) break
    const pair = node.items.find((each) => String(each.key) === key)
    if (pair === undefined) break
    if (isNode(pair.key)) line = lines.linePos((pair.key as Node).range?.[0] ?? 0).line
    node = pair.value
  }
  return line
}
