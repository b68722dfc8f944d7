import type { IncomingMessage } from 'node:http'
import type { PatchType } from '../client.ts'
import type { WriteContext } from '../core/request.ts'
import { ApiError, badRequest } from '../errors.ts'
import type { Json } from '../objects.ts'
import { decodeProtobuf } from './protobuf.ts'
import { readYaml } from './yaml-body.ts'

/** Largest request body, as the real server's. */
const mostBodyBytes = 3 * 1024 * 1024
/** Deepest nesting of a body: what reads it further calls itself for each level. Real objects have about 20. */
const mostLevels = 500

/** @throws ApiError 400, in the words of Go's decoder, for a value that is nested deeper. */
function withinDepth(value: Json): Json {
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) throw badRequest('json: exceeded max depth')
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return value
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

export function unsupportedMediaType(message = '415: Unsupported Media Type'): ApiError {
  return new ApiError(415, 'UnsupportedMediaType', message, {})
}

/** The body of a create or update: JSON, YAML, or protobuf of a kind that is served. */
export function parseObjectBody(body: Buffer, type: string, kind: string): Json {
  if (body.length === 0)
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
    )
  if (type === 'application/vnd.kubernetes.protobuf') {
    const decoded = decodeProtobuf(body)
    if (decoded !== null) return decoded
  }
  if (type === 'application/yaml') return parseYamlBody(body.toString('utf8'))
  if (type !== '' && type !== 'application/json') {
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    )
  }
  const text = body.toString('utf8')
  try {
    return withinDepth(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${goJsonError(text)} (${text.slice(0, 24)})`,
    )
  }
}

/** The body of a patch. */
export function parsePatchBody(body: Buffer, language: PatchType): Json {
  const text = body.toString('utf8')
  try {
    return withinDepth(JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badRequest(`${language === 'strategic' ? '' : 'error decoding patch: '}${goJsonError(text)}`)
  }
}

function parseYamlBody(text: string): Json {
  return withinDepth(readYaml(text).value)
}

export const applyType = 'application/apply-patch+yaml'

/** The configuration that an apply brings. Keys that come twice are warned of, or refused where the writer is strict. */
export function parseApplyBody(body: Buffer, context: WriteContext): Json {
  const { value, duplicates } = readYaml(body.toString('utf8'))
  if (duplicates.length > 0 && context.fieldValidation === 'Strict') {
    const list = duplicates.map((text) => `\n  ${text}`).join('')
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${list}`)
  }
  if (context.fieldValidation === 'Warn') context.warnings.push(...duplicates)
  return withinDepth(value)
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
