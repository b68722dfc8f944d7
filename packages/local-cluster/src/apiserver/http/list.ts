import { badRequest, expired } from '../../types/errors.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import type { ApiCore } from '../core/core.ts'
import { type Selected, select } from '../core/select.ts'
import { decodeContinue, encodeContinue } from './continue-token.ts'
import { type ListOptions, listOptions, noRevision, revisionOf, tooLargeRevision } from './list-options.ts'
import type { ResourceRequest } from './request-info.ts'

export interface ListPage {
  items: KubernetesObject[]
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** GET of a collection. Pages of one list show one revision. Reference: API concepts, "Retrieving large results sets in chunks". */
export function listPage(core: ApiCore, request: ResourceRequest): ListPage {
  const { strategy, namespace, query } = request
  const labelSelector = query.get('labelSelector') ?? ''
  const selection = { namespace, labelSelector, fieldSelector: query.get('fieldSelector') ?? '' }
  const selected = select(strategy, selection)
  const { matches } = selected
  const options = listOptions(query)
  const { limit, continueToken, resourceVersion } = options
  if (continueToken !== '') {
    const { revision, start } = decodeContinue(continueToken)
    if (!['', '0'].includes(resourceVersion)) {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    const objects = objectsAt(core, request, selected, revision < 0 ? core.store.revision : revision, start)
    const rest = objects.filter((object) => matches(object) && keyOf(object) > start)
    return page(rest, limit, revision < 0 ? core.store.revision : revision, selection)
  }
  const revision = requestedRevision(core, options)
  const objects = objectsAt(core, request, selected, revision, '')
  // Whoever takes any state gets it from the real server's cache, which knows no pages.
  return page(objects.filter(matches), resourceVersion === '0' ? 0 : limit, revision, selection)
}

function page(
  objects: KubernetesObject[],
  limit: number,
  revision: number,
  selection: { labelSelector: string; fieldSelector: string },
): ListPage {
  const metadata: ListPage['metadata'] = { resourceVersion: String(revision) }
  if (limit === 0 || objects.length <= limit) return { items: objects, metadata }
  const items = objects.slice(0, limit)
  const last = items.at(-1)
  metadata.continue = encodeContinue({ revision, start: last === undefined ? '' : keyOf(last) })
  // With selectors the real server does not know how many more there are.
  if (selection.labelSelector === '' && selection.fieldSelector === '') {
    metadata.remainingItemCount = objects.length - limit
  }
  return { items, metadata }
}

function requestedRevision(core: ApiCore, { resourceVersion, resourceVersionMatch }: ListOptions): number {
  const current = core.store.revision
  if (resourceVersion === '' || resourceVersion === '0') return current
  const wanted = revisionOf(resourceVersion)
  if (wanted === undefined) throw badRequest(`invalid resource version: ${noRevision(resourceVersion)}`)
  if (wanted > current) throw tooLargeRevision(wanted, current)
  return resourceVersionMatch === 'Exact' ? wanted : current
}

function objectsAt(
  core: ApiCore,
  request: ResourceRequest,
  { candidates }: Selected,
  revision: number,
  start: string,
): KubernetesObject[] {
  const { strategy, namespace } = request
  if (revision === core.store.revision) return core.store.list(strategy.type, namespace, candidates)
  const objects = core.store.listAt(strategy.type, namespace, revision)
  if (objects !== null) return objects
  if (start === '') throw expired(`The resourceVersion for the provided list is too old.`)
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.status.metadata.continue = encodeContinue({ revision: -1, start })
  throw error
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`
}
