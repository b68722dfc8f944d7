import { isMap, isScalar, LineCounter, parseAllDocuments, type ScalarTag, visit, type YAMLError } from 'yaml'
import { badRequest } from '../errors.ts'
import type { Json } from '../objects.ts'

/** Largest number of aliases a YAML document may expand to. */
const mostYamlAliases = 100

/** What YAML 1.1 takes for yes and no besides `true` and `false`, as Go's reader does. */
const yesAndNo: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|on)/i.test(text),
}

export interface YamlBody {
  value: Json
  /** `line 6: key "a" already set in map`: the last of them counts. */
  duplicates: string[]
}

/** The first document of the text. @throws ApiError 400 in the words of Go's reader, as far as they can be told from outside. */
export function readYaml(text: string): YamlBody {
  const json = asJson(text)
  if (json !== undefined) return { value: json, duplicates: [] }
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, {
    schema: 'core',
    merge: true,
    uniqueKeys: false,
    lineCounter,
    customTags: (tags) => [yesAndNo, ...tags],
  })
  const [document] = Array.isArray(documents) ? documents : []
  if (document === undefined) return { value: null, duplicates: [] }
  const [error] = document.errors
  if (error !== undefined) throw notYaml(goMessage(error))
  const duplicates: string[] = []
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>()
      for (const { key } of isMap(map) ? map.items : []) {
        if (!isScalar(key)) continue
        const name = String(key.value)
        const line = lineCounter.linePos(key.range?.[0] ?? 0).line
        if (seen.has(name)) duplicates.push(`line ${line}: key ${JSON.stringify(name)} already set in map`)
        seen.add(name)
      }
    },
  })
  try {
    return { value: document.toJS({ maxAliasCount: mostYamlAliases }), duplicates }
  } catch (error) {
    if (error instanceof ReferenceError) throw notYaml('document contains excessive aliasing')
    throw error
  }
}

/** JSON is YAML, and what programs send; undefined where the text is not JSON. */
function asJson(text: string): Json {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function notYaml(why: string): Error {
  return badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${why}`)
}

const goMessages: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'did not find expected node content',
  MISSING_CHAR: 'did not find expected node content',
  TAB_AS_INDENT: 'found character that cannot start any token',
}

function goMessage({ code, message, linePos }: YAMLError): string {
  const [first = ''] = message.split('\n')
  return `line ${linePos?.[0].line ?? 1}: ${goMessages[code] ?? first}`
}
