import { createHash } from 'node:crypto'
import { type ServedVersion, servedVersions } from '../../kinds/views/index.ts'
import { type Definition, Definitions } from './definitions.ts'
import { documentName, pathsOf } from './paths.ts'

/** A document as it is sent; its hash is its version, and stands in its address. */
interface OpenApiDocument {
  text: string
  hash: string
}

let written: Map<string, OpenApiDocument> | null = null

/** What is served does not change while this process runs: every document is written once, when the first is asked for. */
function documents(): Map<string, OpenApiDocument> {
  written ??= write()
  return written
}

function write(): Map<string, OpenApiDocument> {
  const versions = Map.groupBy(servedVersions, ({ type }) => documentName(type.apiVersion))
  const definitions = new Definitions(reference)
  const out = [...versions].map(([name, kinds]): [string, OpenApiDocument] => {
    const text = JSON.stringify(documentOf(kinds, definitions.of(kinds)))
    return [name, { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() }]
  })
  return new Map(out)
}

/** OpenAPI 3.0 allows nothing beside a reference, so one that says more is wrapped. */
function reference(name: string, beside: Definition): Definition {
  const $ref = `#/components/schemas/${name}`
  return Object.keys(beside).length === 0 ? { $ref } : { allOf: [{ $ref }], ...beside }
}

function documentOf(kinds: readonly ServedVersion[], schemas: Record<string, Definition>): unknown {
  const parameter = (name: string, type: string) => ({ name, in: 'query', schema: { type, uniqueItems: true } })
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.2' },
    paths: pathsOf(kinds, parameter),
    components: { schemas },
  }
}

/**
 * The list of documents, one for each group and version, with their hashes: a client may keep what it got by its hash.
 * Reference: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export function openApiV3Index(): unknown {
  const paths = [...documents()].map(([name, { hash }]) => [
    name,
    { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` },
  ])
  return { paths: Object.fromEntries(paths) }
}

/** The document of `api/v1`, `apis/apps/v1` and so on; undefined for versions that are not served. */
export function openApiV3Document(name: string): OpenApiDocument | undefined {
  return documents().get(name)
}
