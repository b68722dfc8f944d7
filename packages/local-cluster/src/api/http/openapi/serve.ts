import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NoSuchPath } from '../request-info.ts'
import { sendJson } from '../respond.ts'
import { openApiV2Document, openApiV2Protobuf } from './v2.ts'
import { openApiV3Document, openApiV3Index } from './v3.ts'

const yearSeconds = 365 * 24 * 3600

/** Answers below /openapi/v2 and /openapi/v3; NoSuchPath for what is not served. */
export function serveOpenApi(url: URL, path: string, request: IncomingMessage, response: ServerResponse): void {
  if (path === '/openapi/v3') sendJson(response, 200, openApiV3Index())
  else if (path === '/openapi/v2') serveV2(request, response)
  else serveV3(url, path, request, response)
}

function serveV3(url: URL, path: string, request: IncomingMessage, response: ServerResponse): void {
  const name = path.slice('/openapi/v3/'.length)
  const found = openApiV3Document(name)
  if (found === undefined) throw new NoSuchPath(path)
  const asked = url.searchParams.get('hash')
  if (asked !== null && asked !== found.hash) {
    response.writeHead(301, { location: `/openapi/v3/${name}?hash=${found.hash}`, 'content-length': 0 })
    response.end()
    return
  }
  // With its hash in the address a document never changes.
  const keep: Record<string, string> =
    asked === null ? {} : { 'cache-control': 'public, immutable', expires: later(yearSeconds) }
  send(request, response, 'application/json', found.text, found.hash, keep)
}

/** JSON, unless the client asks for the protobuf first: kubectl writes an @ into its name, other clients a dot. */
function serveV2(request: IncomingMessage, response: ServerResponse): void {
  const { json, protobuf } = openApiV2Document()
  const wantsProtobuf = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/.test(
    request.headers.accept ?? '',
  )
  const content = wantsProtobuf ? protobuf : json
  const hash = createHash('sha512').update(content).digest('hex').toUpperCase()
  send(request, response, wantsProtobuf ? openApiV2Protobuf : 'application/json', content, hash, {})
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  content: string | Buffer,
  hash: string,
  headers: Record<string, string>,
): void {
  const etag = `"${hash}"`
  const always = { ...headers, etag, vary: 'Accept' }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, always)
    response.end()
    return
  }
  response.writeHead(200, { ...always, 'content-type': type, 'content-length': Buffer.byteLength(content) })
  response.end(content)
}

function later(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toUTCString()
}
