import type { KubernetesObject } from '../../types/objects.ts'
import type { WriteContext } from '../core/request.ts'
import { applyType, mediaType, parseApplyBody, parsePatchBody, readBody, unsupportedMediaType } from './body.ts'
import { type Exchange, patchTypes, pathOf, readObject, sendWritten } from './exchange.ts'
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
  await answer(exchange, context, () => ({ code: 201, object: core.create(strategy, namespace, body, context) }))
}

export async function update(exchange: Exchange, subresource?: string): Promise<void> {
  const { core, parsed } = exchange
  const path = pathOf(exchange)
  const context = writeContext(exchange, 'UpdateOptions')
  const body = await readObject(exchange)
  await answer(exchange, context, () => {
    const code = core.find(parsed.strategy.type, path) === null ? 201 : 200
    if (code === 201 && parsed.strategy.createsOnUpdate === true) exchange.authorizeCreate()
    return { code, object: core.update(parsed.strategy, path, body, context, subresource) }
  })
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
  await answer(exchange, context, () => {
    if (language !== undefined) {
      const change = { type: language, body: parsePatchBody(body, language) }
      return { code: 200, object: core.patch(strategy, path, change, context, subresource) }
    }
    const existed = core.find(strategy.type, path) !== null
    if (!existed && subresource === undefined) exchange.authorizeCreate()
    const options = { force: forceOf(query) === true, subresource }
    return { code: existed ? 200 : 201, object: core.apply(strategy, path, parseApplyBody(body), context, options) }
  })
}
