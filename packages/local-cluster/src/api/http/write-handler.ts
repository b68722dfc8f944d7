import type { PatchType } from '../client.ts'
import { asJson } from '../core/decode-body.ts'
import { applyPatch } from '../core/patch.ts'
import type { WriteContext } from '../core/request.ts'
import type { VersionView } from '../kinds/views/view.ts'
import type { Json, KubernetesObject } from '../objects.ts'
import { applyType, mediaType, parseApplyBody, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { type Exchange, patchTypes, pathOf, readObject, sendWritten } from './exchange.ts'
import { storedBody } from './versions.ts'
import { forceOf, writeContext } from './write-options.ts'

interface Made {
  code: number
  object: KubernetesObject
}

/** Sends what `work` makes. */
async function answer(exchange: Exchange, context: WriteContext, work: () => Made): Promise<void> {
  const made = work()
  await sendWritten(exchange, made.code, made.object, context)
}

export async function create(exchange: Exchange): Promise<void> {
  const { core, parsed } = exchange
  const { strategy, namespace } = parsed
  if (strategy.type.namespaced) pathOf(exchange)
  const context = writeContext(exchange, 'CreateOptions')
  const body = await readObject(exchange)
  await answer(exchange, context, () => {
    const stored = storedBody(parsed, body, context, 'create')
    return { code: 201, object: core.create(strategy, namespace, stored, context) }
  })
}

export async function update(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed } = exchange
  const path = pathOf(exchange)
  const context = writeContext(exchange, 'UpdateOptions')
  const body = await readObject(exchange)
  await answer(exchange, context, () => {
    const code = core.find(parsed.strategy.type, path) === null ? 201 : 200
    const stored = storedBody(parsed, body, context, 'update')
    return { code, object: core.update(parsed.strategy, path, stored, context, subresource) }
  })
}

export async function patch(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed, request } = exchange
  const { strategy, query, view } = parsed
  const path = pathOf(exchange)
  const type = mediaType(request)
  const language = patchTypes[type]
  const isApply = type === applyType
  if (language === undefined && !isApply) throw unsupportedMediaType()
  const body = await readBody(request)
  const context = writeContext(exchange, 'PatchOptions', isApply)
  await answer(exchange, context, () => {
    if (language !== undefined) {
      const change = { type: language, body: parsePatchBody(body, language) }
      if (view === undefined) return { code: 200, object: core.patch(strategy, path, change, context, subresource) }
      const patched = patchedView(exchange, view, change, context)
      return { code: 200, object: core.update(strategy, path, patched, context, subresource) }
    }
    const existed = core.find(strategy.type, path) !== null
    const options = { force: forceOf(query) === true, subresource }
    const config = storedBody(parsed, parseApplyBody(body, context), context, existed ? 'update' : 'create')
    return { code: existed ? 200 : 201, object: core.apply(strategy, path, config, context, options) }
  })
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
