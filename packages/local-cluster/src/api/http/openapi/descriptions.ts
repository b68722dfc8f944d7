import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What Kubernetes says of a type and of its fields, and which of them it requires. */
export interface TypeDescription {
  text?: string
  fields: Map<string, { text?: string; required: boolean }>
}

const nothing: TypeDescription = { fields: new Map() }

/** Where the models of @kubernetes/client-node are; null where it is not installed. */
function modelsFolder(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen', 'models')
  } catch {
    return null
  }
}

/**
 * Describes types in the words of Kubernetes' own OpenAPI document, which @kubernetes/client-node carries as comments of its
 * declarations: read from there, they need no copy here and grow with that dependency. Types that it does not have (the Gateway
 * API's) have no description. It does not have what Kubernetes says of fields that are structs: those take the words of their type.
 */
export function createDescriptions(): (type: string) => TypeDescription {
  const folder = modelsFolder()
  const known = new Map<string, TypeDescription>()
  return (type) => {
    const found = known.get(type) ?? (folder === null ? nothing : read(join(folder, `${type}.d.ts`)))
    known.set(type, found)
    return found
  }
}

function read(path: string): TypeDescription {
  let declared: string
  try {
    declared = readFileSync(path, 'utf8')
  } catch {
    return nothing
  }
  const fields: TypeDescription['fields'] = new Map()
  for (const [, comment, name, optional] of declared.matchAll(field)) {
    if (name !== undefined) fields.set(name.replace(/^_/, ''), { ...textOf(comment), required: optional !== '?' })
  }
  return { ...textOf(typeComment.exec(declared)?.[1]), fields }
}

const typeComment = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/
const field = /(?: {4}\/\*\*\n {4}\* (.*)\n {4}\*\/\n)? {4}'(\w+|\$\w+)'(\??): /g

function textOf(comment: string | undefined): { text?: string } {
  return comment === undefined ? {} : { text: comment.replaceAll(/\\(['"\\])/g, '$1') }
}
