import type { IncomingMessage } from 'node:http'
import { parse, YAMLError } from 'yaml'
import type { PatchType } from '../../types/client.ts'
import { ApiError, badRequest } from '../../types/errors.ts'
import { isJsonObject } from '../../types/json.ts'
import type { Json } from '../../types/objects.ts'
import { noKind, notAnObject, UnrecognizedError } from '../unrecognized.ts'

/** Largest request body, as the real server's. */
const mostBodyBytes = 3 * 1024 * 1024

/** Deepest nesting of a body: what reads it further calls itself for each level. Real objects have about 20. */
const mostLevels = 500

/** @throws SyntaxError; ApiError 400 for a value that is nested too deep. */
const parseJson = (text: string) => checkDepth(JSON.parse(text))

/** @throws ApiError 400, in the words of Go's decoder. */
function checkDepth(value: Json): Json {
  let level: Json[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > mostLevels) throw badRequest('json: exceeded max depth')
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return value
}

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

/** The body of a create or update: JSON of a kind that is served. */
export function parseObjectBody(body: Buffer, type: string, kind: string): Json {
  if (type !== '' && type !== 'application/json') {
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json',
    )
  }
  try {
    return anObject(parseJson(body.toString('utf8')), body, kind)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UnrecognizedError(kind, noKind(goJsonError(body.toString('utf8'))), firstBytes(body))
  }
}

/** Nothing is an object without fields. @throws ApiError 400, in the words of Go's decoder, for what can not be an object. */
function anObject(value: Json, body: Buffer, kind: string): Json {
  if (value === null || value === undefined) return {}
  if (isJsonObject(value)) return value
  throw new UnrecognizedError(kind, notAnObject(value), firstBytes(body))
}

/** The body of a patch. */
export function parsePatchBody(body: Buffer, language: PatchType): Json {
  try {
    return parseJson(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw badRequest(`${language === 'strategic' ? '' : 'error decoding patch: '}${goJsonError(body.toString('utf8'))}`)
  }
}

export const applyType = 'application/apply-patch+yaml'

/** The configuration that an apply brings: JSON from programs, YAML from people. */
export function parseApplyBody(body: Buffer): Json {
  try {
    return parseJson(body.toString('utf8'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  try {
    return checkDepth(parse(body.toString('utf8'), { schema: 'yaml-1.1', logLevel: 'error' }))
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`)
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
