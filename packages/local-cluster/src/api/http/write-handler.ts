import type { PatchType } from '../client.ts'
import { asJson } from '../core/decode-body.ts'
import { applyPatch } from '../core/patch.ts'
import type { WriteContext } from '../core/request.ts'
import type { VersionView } from '../kinds/views/view.ts'
import type { Json } from '../objects.ts'
import { applyType, mediaType, parseApplyBody, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { type Exchange, patchTypes, pathOf, readObject, sendWritten } from './exchange.ts'
import { storedBody } from './versions.ts'
import { forceOf, writeContext } from './write-options.ts'

export async function create(exchange: Exchange): Promise<void> {
  const { core, parsed } = exchange
  const { strategy, namespace } = parsed
  if (strategy.type.namespaced) pathOf(exchange)
  const context = writeContext(exchange, 'CreateOptions')
  const body = await readObject(exchange)
  const stored = storedBody(parsed, body, context, 'create')
  await sendWritten(exchange, 201, core.create(strategy, namespace, stored, context), context)
}

export async function update(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed } = exchange
  const path = pathOf(exchange)
  const context = writeContext(exchange, 'UpdateOptions')
  const body = await readObject(exchange)
  const existed = core.find(parsed.strategy.type, path) !== null
  const stored = storedBody(parsed, body, context, 'update')
  const object = core.update(parsed.strategy, path, stored, context, subresource)
  await sendWritten(exchange, existed ? 200 : 201, object, context)
}

export async function patch(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy, query } = parsed
  const path = pathOf(exchange)
  const type = mediaType(request)
  const language = patchTypes[type]
  const isApply = type === applyType
  if (language === undefined && !isApply) throw unsupportedMediaType()
  const body = await readBody(request)
  const context = writeContext(exchange, 'PatchOptions', isApply)
  if (language !== undefined) {
    const change = { type: language, body: parsePatchBody(body, language) }
    const patched =
      parsed.view === undefined
        ? core.patch(strategy, path, change, context, subresource)
        : core.update(strategy, path, patchedView(exchange, parsed.view, change, context), context, subresource)
    await sendWritten(exchange, 200, patched, context)
    return
  }
  const existed = core.find(strategy.type, path) !== null
  const options = { force: forceOf(query) === true, subresource }
  const config = storedBody(parsed, parseApplyBody(body, context), context, existed ? 'update' : 'create')
  const object = core.apply(strategy, path, config, context, options)
  await sendWritten(exchange, existed ? 200 : 201, object, context)
}

/** A patch speaks of the fields of the version that the request names. */
function patchedView(
  { core, parsed, ...rest }: Exchange,
  view: VersionView,
  change: { type: PatchType; body: Json },
  context: WriteContext,
): Json {
  const shown = view.toView(asJson(core.get(parsed.strategy.type, pathOf({ core, parsed, ...rest }))))
  return storedBody(parsed, applyPatch(view, shown, change).document, context, 'update')
}
