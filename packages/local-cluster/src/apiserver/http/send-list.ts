import type { Exchange } from './exchange.ts'
import { ItemTexts } from './json-texts.ts'
import type { ListPage } from './list.ts'
import { negotiate } from './negotiate.ts'
import { sendJson, sendJsonText } from './respond.ts'
import { includedObject, tableOf } from './tables/table.ts'

const itemTexts = new ItemTexts()

/** Several objects, in the form that the client asks for. */
export function sendList({ parsed, request, response }: Exchange, page: ListPage): void {
  const { strategy, query } = parsed
  if (negotiate(request.headers.accept) === 'table') {
    sendJson(response, 200, tableOf(strategy, page.items, page.metadata, includedObject(query)))
    return
  }
  const { apiVersion, kind } = strategy.type
  const head = JSON.stringify({ kind: `${kind}List`, apiVersion, metadata: page.metadata }).slice(0, -1)
  const items = page.items.map((object) => itemTexts.get(object))
  sendJsonText(response, 200, `${head},"items":[${items.join(',')}]}\n`)
}
