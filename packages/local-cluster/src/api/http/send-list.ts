import { type Exchange, goType, withoutType } from './exchange.ts'
import { ItemTexts } from './json-texts.ts'
import type { ListPage } from './list.ts'
import { checkMetadataForm, negotiate, partialMetadata } from './negotiate.ts'
import { sendJson, sendJsonText } from './respond.ts'
import { includedObject, tableOf } from './tables/table.ts'
import { inVersion, namedType } from './versions.ts'

const itemTexts = new ItemTexts()

/** Several objects, in the form that the client asks for. */
export function sendList({ parsed, request, response }: Exchange, page: ListPage): void {
  const { strategy, query } = parsed
  const { apiVersion, kind } = namedType(parsed)
  const representation = negotiate(request.headers.accept)
  checkMetadataForm(representation, goType(strategy.type), true)
  if (representation === 'table') {
    sendJson(response, 200, tableOf(strategy, page.items, page.metadata, includedObject(query)))
  } else if (representation === 'metadataList') {
    const items = page.items.map(partialMetadata)
    const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: page.metadata, items }
    sendJson(response, 200, list)
  } else if (parsed.view === undefined) {
    const head = JSON.stringify({ kind: `${kind}List`, apiVersion, metadata: page.metadata }).slice(0, -1)
    const items = page.items.map((object) => itemTexts.get(object))
    sendJsonText(response, 200, `${head},"items":[${items.join(',')}]}\n`)
  } else {
    const items = page.items.map((object) => withoutType(inVersion(parsed, object)))
    sendJson(response, 200, { kind: `${kind}List`, apiVersion, metadata: page.metadata, items })
  }
}
