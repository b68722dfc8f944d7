import type { IncomingMessage } from 'node:http'
import { isJsonObject } from '../../schema/decode.ts'
import { readJson, repetitionsIn } from '../../schema/repeated-names.ts'
import type { PatchType } from '../client.ts'
import { yamlFaults } from '../core/decode-body.ts'
import type { WriteContext } from '../core/request.ts'
import { ApiError, badRequest } from '../errors.ts'
import type { Json } from '../objects.ts'
import { noKind, notAnObject, UnrecognizedError } from '../unrecognized.ts'
import { decodeProtobuf } from './protobuf.ts'
import { readYaml, YamlError } from './yaml.ts'

/** Largest request body, as the real server's. */
const mostBodyBytes = 3 * 1024 * 1024

/** Deepest nesting of a body: what reads it further calls itself for each level. Real objects have about 20. */
const mostLevels = 500

/** How many names the value's objects have. @throws ApiError 400, in the words of Go's decoder, for a value that is nested deeper. */
function namesWithinDepth(value: Json): number {
  let names = 0
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) throw badRequest('json: exceeded max depth')
    const next: Json[] = []
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue
      const children = Object.values(each)
      if (!Array.isArray(each)) names += children.length
      for (const child of children) if (typeof child === 'object' && child !== null) next.push(child)
    }
    level = next
  }
  return names
}

const parseJson = (text: string): Json => readJson(text, namesWithinDepth)

const mostShownBytes = 30

/** The beginning of a body, as messages quote it. */
function firstBytes(body: Buffer): string {
  if (body.length === 0) return '<empty>'
  const shown = body.subarray(0, mostShownBytes).toString(body[0] === 0x7b ? 'utf8' : 'hex')
  return body.length > mostShownBytes ? `${shown} ...` : shown
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const buffer: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)
    bytes += buffer.length
    if (bytes > mostBodyBytes) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${mostBodyBytes}`)
    }
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
}

export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

export function unsupportedMediaType(message?: string): ApiError {
  if (message !== undefined) return new ApiError(415, 'UnsupportedMediaType', message)
  return new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

/** The body of a create or update: JSON, YAML, or protobuf of a kind that is served. */
export function parseObjectBody(body: Buffer, type: string, kind: string): Json {
  if (body.length === 0 && type !== 'application/yaml')
    throw new UnrecognizedError(kind, noKind('unexpected end of JSON input'), '<empty>')
  if (type === 'application/vnd.kubernetes.protobuf') {
    const decoded = decodeProtobuf(body)
    if (decoded !== null) return decoded
  }
  const text = body.toString('utf8')
  if (type === 'application/yaml')
    return anObject(
      readYamlBody(text, (why) => new UnrecognizedError(kind, why, firstBytes(body))),
      body,
      kind,
    )
  if (type !== '' && type !== 'application/json') {
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    )
  }
  try {
    return anObject(parseJson(text), body, kind)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UnrecognizedError(kind, noKind(goJsonError(text)), firstBytes(body))
  }
}

/** Nothing is an object without fields. @throws ApiError 400, in the words of Go's decoder, for what can not be an object. */
function anObject(value: Json, body: Buffer, kind: string): Json {
  if (value === null || value === undefined) return {}
  if (isJsonObject(value)) return value
  throw new UnrecognizedError(kind, notAnObject(value), firstBytes(body))
}

/** A YAML document that is not too deep. @param refusal of one that can not be read */
function readYamlBody(text: string, refusal: (why: string) => ApiError): Json {
  try {
    const value = readYaml(text)
    namesWithinDepth(value)
    return value
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw refusal(error.message)
  }
}

/** The body of a patch. */
export function parsePatchBody(body: Buffer, language: PatchType): Json {
  const text = body.toString('utf8')
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badRequest(`${language === 'strategic' ? '' : 'error decoding patch: '}${goJsonError(text)}`)
  }
}

export const applyType = 'application/apply-patch+yaml'

/** The configuration that an apply brings. Keys that come twice are warned of, or refused where the writer is strict. */
export function parseApplyBody(body: Buffer, context: WriteContext): Json {
  const value = applyValue(body.toString('utf8'))
  const { lines = [] } = repetitionsIn(value) ?? {}
  if (lines.length > 0 && context.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${yamlFaults(lines)}`)
  }
  if (context.fieldValidation === 'Warn') context.warnings.push(...lines)
  // A copy, of which nothing is noted: what comes twice is told here, once.
  return lines.length > 0 && isJsonObject(value) ? { ...value } : value
}

function applyValue(text: string): Json {
  const json = asJson(text)
  // What comes twice is told by lines.
  if (json !== undefined && repetitionsIn(json) === undefined) return json
  return readYamlBody(text, (why) => badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`))
}

/** JSON is YAML, and what programs send; undefined where the text is not JSON. */
function asJson(text: string): Json {
  if (!/^\s*[{[]/.test(text)) return undefined
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Where and why JSON stops being JSON, in the words of Go's decoder as far as they can be told from outside. */
function goJsonError(text: string): string {
  let depth = 0
  let position = 0
  const expectKey: boolean[] = []
  for (; position < text.length; position += 1) {
    const character = text[position] ?? ''
    if (/\s/.test(character)) continue
    if (character === '{') {
      depth += 1
      expectKey[depth] = true
    } else if (expectKey[depth] === true && character !== '"' && character !== '}') {
      return `invalid character '${character}' looking for beginning of object key string`
    } else if (depth === 0 && !/[[{"\-0-9tfn]/.test(character)) {
      return `invalid character '${character}' looking for beginning of value`
    } else break
  }
  const at = firstBadPosition(text)
  if (at === null || at >= text.length) return 'unexpected end of JSON input'
  return `invalid character '${text[at]}' looking for beginning of ${isAfterComma(text, at) ? 'object key string' : 'value'}`
}

/** True behind a comma inside an object, where the next key is missing. */
function isAfterComma(text: string, at: number): boolean {
  const open: string[] = []
  let last = ''
  for (const [token] of text.slice(0, at).matchAll(/"(?:[^"\\]|\\.)*"|[^\s"]/g)) {
    last = token
    if (token === '{' || token === '[') open.push(token)
    else if (token === '}' || token === ']') open.pop()
  }
  return last === ',' && open.at(-1) === '{'
}

function firstBadPosition(text: string): number | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    const match = error instanceof SyntaxError ? /position (\d+)/.exec(error.message) : null
    return match?.[1] === undefined ? null : Number(match[1])
  }
}
