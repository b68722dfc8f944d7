import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../types/errors.ts'
import { childObject, objectList, optionalObject, startStatus } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { LimitRanges, ResourceQuotas } from '../../types/resources.ts'
import type { KindRules } from '../core/strategy.ts'
import { immutableMessage, invalidValue } from '../validation/fields.ts'
import { validateLimitRange } from './validate-limit-range.ts'
import { validateResourceQuota } from './validate-quota.ts'

function keepScopes(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [object, old].map((quota) => optionalObject(quota, 'spec')?.scopes)
  return isDeepStrictEqual(now, before) ? [] : [invalidValue('spec.scopes', now, immutableMessage)]
}

export const resourceQuotas: KindRules = {
  type: ResourceQuotas,
  shortNames: ['quota'],
  hasStatus: true,
  returnsDeleted: true,
  zero: { spec: {}, status: {} },
  prepareForCreate: (object) => startStatus(object),
  validate: validateResourceQuota,
  validateUpdate: keepScopes,
}

export const limitRanges: KindRules = {
  type: LimitRanges,
  shortNames: ['limits'],
  createsOnUpdate: true,
  zero: { spec: { limits: null } },
  defaults(object) {
    const spec = childObject(object, 'spec')
    if (objectList(spec, 'limits').length === 0) spec.limits = null
    for (const item of objectList(spec, 'limits')) defaultLimitRangeItem(item)
  },
  validate: validateLimitRange,
}

/** For containers: a default is the most, a default request the default or the least. */
function defaultLimitRangeItem(item: JsonObject): void {
  if (item.type !== 'Container') return
  const [most, least] = [optionalObject(item, 'max') ?? {}, optionalObject(item, 'min') ?? {}]
  const limits = { ...most, ...optionalObject(item, 'default') }
  const requests = { ...least, ...limits, ...optionalObject(item, 'defaultRequest') }
  for (const [name, value] of Object.entries(least)) {
    if (limits[name] === undefined && optionalObject(item, 'defaultRequest')?.[name] === undefined)
      requests[name] = value
  }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}
