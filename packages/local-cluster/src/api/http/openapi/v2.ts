import { servedVersions } from '../../kinds/views/index.ts'
import { Definitions } from './definitions.ts'
import { encodeDocument, type OpenApiV2 } from './gnostic.ts'
import { pathsOf } from './paths.ts'

/** The protobuf's media type. Clients ask for it with an @, which is no media type and may not be answered. */
export const openApiV2Protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

let written: { json: string; protobuf: Buffer } | null = null

/**
 * All kinds in one document of OpenAPI 2, as JSON and in the protobuf that kubectl before 1.27 wants before it applies, explains or
 * dry-runs anything. What is served does not change while this process runs, so it is written once.
 */
export function openApiV2Document(): { json: string; protobuf: Buffer } {
  written ??= write()
  return written
}

function write() {
  const document: OpenApiV2 = {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: pathsOf(servedVersions, (name, type) => ({ name, in: 'query', type, uniqueItems: true })),
    definitions: new Definitions((name, beside) => ({ $ref: `#/definitions/${name}`, ...beside })).of(servedVersions),
  }
  return { json: JSON.stringify(document), protobuf: encodeDocument(document) }
}
