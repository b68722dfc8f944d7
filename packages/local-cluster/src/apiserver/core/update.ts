import { conflict, notFound } from '../../types/errors.ts'
import type { Json, KubernetesObject } from '../../types/objects.ts'
import { checkAddress } from './address.ts'
import { insert } from './create.ts'
import { asObject, decodeBody } from './decode-body.ts'
import type { CoreEnvironment } from './environment.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { replace } from './replace.ts'
import type { ObjectPath, WriteContext } from './request.ts'
import type { KindStrategy } from './strategy.ts'

/** PUT of an object or its status. Reference: registry/generic/registry.Store.Update. */
export function updateObject(
  environment: CoreEnvironment,
  strategy: KindStrategy,
  path: ObjectPath,
  body: Json,
  context: WriteContext,
  subresource?: string,
): KubernetesObject {
  const decoded = decodeBody(strategy, body, context)
  const { metadata } = asObject(decoded)
  checkAddress(strategy.type, path, metadata)
  const existing = environment.store.get(strategy.type, path.namespace, path.name)
  if (existing === undefined) {
    if (strategy.createsOnUpdate !== true || subresource !== undefined) throw notFound(strategy.type, path.name)
    checkUid(strategy, path, metadata.uid, '')
    delete metadata.resourceVersion
    return insert(environment, strategy, path.namespace, decoded, context, null)
  }
  checkUid(strategy, path, metadata.uid, existing.metadata.uid)
  nameOwnersOnce(metadata, context.warnings, 'object')
  return replace(environment, strategy, existing, decoded, context, { subresource })
}

/** @throws ApiError 409 in the words of the real server's store, where it looks for the uid that a PUT names. */
function checkUid(
  { type }: KindStrategy,
  path: ObjectPath,
  wanted: string | undefined,
  found: string | undefined,
): void {
  if ((wanted ?? '') === '' || wanted === found) return
  const key = ['/registry', storeFolders[type.kind] ?? type.plural, path.namespace, path.name].filter(Boolean).join('/')
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found ?? ''}`
  const error = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  throw conflict(type, path.name, error)
}

/** Kinds that are not kept under their own name. */
const storeFolders: Record<string, string> = {
  Service: 'services/specs',
  Node: 'minions',
  Ingress: 'ingress',
}
