import { type Document, LineCounter, parseDocument, type ScalarTag, stringify, type YAMLError } from 'yaml'
import { noteRepetitions } from '../../schema/repeated-names.ts'
import { sorted } from '../../sorted.ts'
import type { Json } from '../objects.ts'

/** Largest number of aliases a document may expand to. */
const mostAliases = 100
/** Where long texts are folded, as Go's writer does. */
const lineCharacters = 80

/** A text that is no YAML: why, in the words of Go's reader as far as they can be told from outside. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
}

/** Go reads numbers of any base, with underscores: `0644` and `0o644` are modes, `1_000` is a thousand. */
const integer: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  identify: () => false,
  test: /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-fA-F_]+|[1-9][\d_]*|0)$/,
  resolve(text) {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '')
    const octal = /^0o?([0-7]+)$/.exec(digits)?.[1]
    const value = octal === undefined ? Number(digits) : Number.parseInt(octal, 8)
    return text.startsWith('-') ? -value : value
  },
}

const float: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: () => false,
  test: /^[-+]?(?:\.\d[\d_]*|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
}

const truth: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  identify: () => false,
  test: /^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|t|on)/i.test(text),
}

const goTags = [truth, integer, float]

/**
 * The first document of a text, in the YAML 1.1 that Kubernetes reads. Names that come twice are noted for `repetitionsIn`; the last
 * value counts.
 * @throws YamlError
 */
export function readYaml(text: string): Json {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    schema: 'core',
    merge: true,
    customTags: (tags) => [...goTags, ...tags],
    lineCounter,
    prettyErrors: false,
  })
  const failure = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY' && code !== 'MULTIPLE_DOCS')
  if (failure !== undefined) throw new YamlError(failureText(failure, lineCounter))
  const value = contentOf(document)
  const lines = document.errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map((error) => repeatedName(text, error, lineCounter))
  if (lines.length > 0) noteRepetitions(value, { entries: new Map(), lines })
  return value
}

function contentOf(document: Document): Json {
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch (error) {
    // Aliases of nothing, or too many of them.
    throw new YamlError(error instanceof Error ? error.message : String(error))
  }
}

function repeatedName(text: string, { pos }: YAMLError, lines: LineCounter): string {
  const name = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^:,}\n]*)/.exec(text.slice(pos[0]))?.[0].trim() ?? ''
  const plain = /^["']/.test(name) ? name.slice(1, -1) : name
  return `line ${lines.linePos(pos[0]).line}: key ${JSON.stringify(plain)} already set in map`
}

function failureText({ code, pos }: YAMLError, lines: LineCounter): string {
  const { line } = lines.linePos(pos[0])
  const place = line > 1 ? `line ${line}: ` : ''
  switch (code) {
    case 'TAB_AS_INDENT':
      return `yaml: ${place}found character that cannot start any token`
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return `yaml: ${place}mapping values are not allowed in this context`
    case 'MISSING_CHAR':
    case 'BAD_INDENT':
    case 'UNEXPECTED_TOKEN':
      return `yaml: line ${line}: did not find expected node content`
    default:
      return `yaml: ${place}could not find expected ':'`
  }
}

/** An answer as the real server writes it: names in order, texts quoted that YAML 1.1 takes for something else. */
export function writeYaml(value: unknown): string {
  return stringify(sorted(value), {
    version: '1.1',
    customTags: (tags) => [...goTags, ...tags],
    indentSeq: false,
    lineWidth: lineCharacters,
    aliasDuplicateObjects: false,
  })
}
