import type { KindRules } from '../core/strategy.ts'
import { groupOf, versionOf } from '../resources.ts'

/** The document's media type. Clients ask for it with an @, which is no media type and may not be answered. */
export const openApiV2Protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/**
 * The OpenAPI v2 document in gnostic's protobuf, which kubectl before 1.27 wants before it applies or dry-runs anything. It says
 * which kinds take dryRun and describes no schema: such a kubectl then leaves validation to the server.
 */
export function openApiV2Document(kinds: readonly KindRules[]): Buffer {
  const paths = kinds.map((strategy) => bytes(2, namedPath(strategy)))
  return Buffer.concat([bytes(1, '2.0'), bytes(2, infoOf()), bytes(8, Buffer.concat(paths))])
}

/** Numbers of gnostic's OpenAPIv2.proto: Document, Info, NamedPathItem, Operation and below. */
function infoOf(): Buffer {
  return Buffer.concat([bytes(1, 'Kubernetes'), bytes(2, 'v1.36.2')])
}

function namedPath({ type }: KindRules): Buffer {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`
  const path = `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`
  const query = Buffer.concat([bytes(2, 'query'), bytes(4, 'dryRun')])
  const parameter = bytes(1, bytes(2, bytes(3, query)))
  const kind = JSON.stringify({ group: groupOf(type), kind: type.kind, version: versionOf(type) })
  const extension = Buffer.concat([bytes(1, 'x-kubernetes-group-version-kind'), bytes(2, bytes(2, kind))])
  const patch = Buffer.concat([bytes(8, parameter), bytes(13, extension)])
  return Buffer.concat([bytes(1, path), bytes(2, bytes(8, patch))])
}

/** A length-delimited field. */
function bytes(field: number, value: string | Buffer): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
}

function varint(value: number): Buffer {
  const out: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...out, rest])
    out.push((rest % 128) + 128)
  }
}
