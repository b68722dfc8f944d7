import type { DeleteOptions } from '../../types/client.ts'
import { giveWay } from '../../types/give-way.ts'
import type { Status } from '../../types/objects.ts'
import { groupOf } from '../../types/resources.ts'
import { deleteOptions } from './delete-options.ts'
import { type Exchange, notAllowed, pathOf, sendObject } from './exchange.ts'
import { listPage } from './list.ts'
import { sendJson } from './respond.ts'
import { sendList } from './send-list.ts'
import { addWarnings } from './warnings.ts'

/** DELETE of one object. */
export async function remove(exchange: Exchange): Promise<void> {
  const { core, parsed, response } = exchange
  const { strategy } = parsed
  const path = pathOf(exchange)
  const options = await deleteOptions(exchange)
  const warnings = keepPodsOfJobs(strategy.type.kind, options)
  const { object, gone } = core.delete(strategy, path, options)
  await core.store.committed()
  if (!gone || strategy.returnsDeleted === true) return sendObject(exchange, 200, object, { warnings })
  const group = groupOf(strategy.type)
  const status: Status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: path.name,
      ...(group === '' ? {} : { group }),
      kind: strategy.type.plural,
      ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
    },
  }
  sendJson(response, 200, status)
}

/** A Job that goes leaves its pods behind unless its deletion says what becomes of them: so since the first Jobs. */
function keepPodsOfJobs(kind: string, options: DeleteOptions): string[] {
  if (kind !== 'Job' || options.propagationPolicy !== undefined) return []
  options.propagationPolicy = 'Orphan'
  const ways =
    'set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'
  return [`child pods are preserved by default when jobs are deleted; ${ways}`]
}

/** DELETE of all objects that the request selects. */
export async function deleteCollection(exchange: Exchange): Promise<void> {
  const { core, parsed, response } = exchange
  const { strategy, namespace } = parsed
  if (strategy.type.kind === 'Namespace' || (strategy.type.namespaced && namespace === undefined)) throw notAllowed()
  const options = await deleteOptions(exchange)
  const warnings = keepPodsOfJobs(strategy.type.kind, options)
  const { items, metadata } = listPage(core, parsed)
  for (const { metadata: item } of items) {
    const path = item.namespace === undefined ? { name: item.name } : { namespace: item.namespace, name: item.name }
    // Deleting one object may take others of the list along.
    if (core.find(strategy.type, path) !== null) core.delete(strategy, path, options)
    await giveWay()
  }
  await core.store.committed()
  addWarnings(response, warnings)
  sendList(exchange, { items, metadata })
}
