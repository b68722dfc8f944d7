import type { FieldError } from '../../errors.ts'
import type { JsonObject } from '../../objects.ts'
import { Events } from '../../resources.ts'
import { invalidValue, required } from '../../validation/fields.ts'
import { events } from '../core-kinds.ts'
import { numberOf, optionalObject, setDefault, stringOf } from '../json.ts'
import { renamed, type VersionRules } from './view.ts'

const toView = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
} as const
const toStored = Object.fromEntries(Object.entries(toView).map(([stored, shown]) => [shown, stored]))

const apiVersion = 'events.k8s.io/v1'

/** Events as newer clients write them. Reference: k8s.io/kubernetes/pkg/apis/events/v1. */
export const eventsView: VersionRules = {
  type: { apiVersion, kind: 'Event', plural: 'events', namespaced: true },
  stored: Events,
  toView(object) {
    const out = { ...renamed(object, toView), apiVersion }
    // Left out where empty, as omitempty does.
    for (const key of ['note', 'reportingController', 'reportingInstance', 'deprecatedCount'] as const) {
      const value = Reflect.get(out, key)
      if (value === '' || value === 0) Reflect.deleteProperty(out, key)
    }
    return out
  },
  toStored(object) {
    const out: JsonObject = { ...renamed(object, toStored), apiVersion: Events.apiVersion }
    setDefault(out, 'involvedObject', {})
    return out
  },
  fieldLabels: Object.fromEntries(
    Object.entries(events.fieldLabels ?? {})
      .filter(([label]) => label !== 'source')
      .map(([label, read]) => {
        const [head = '', ...rest] = label.split('.')
        return [[Reflect.get(toView, head) ?? head, ...rest].join('.'), read]
      }),
  ),
  validateCreate: validateNewEvent,
}

/** The new form alone: what stands for the old one must be absent. Reference: ValidateEventCreate of pkg/apis/core/validation. */
function validateNewEvent(object: JsonObject): FieldError[] {
  const errors: FieldError[] = []
  if (stringOf(object, 'eventTime') === '') errors.push(required('eventTime'))
  const type = stringOf(object, 'type')
  if (type !== 'Normal' && type !== 'Warning') {
    errors.push(invalidValue('type', '', `has invalid value: ${type}`))
  }
  for (const key of ['firstTimestamp', 'lastTimestamp'] as const) {
    if (stringOf(object, key) !== '') errors.push(invalidValue(key, '', 'needs to be unset'))
  }
  if ((numberOf(object, 'count') ?? 0) !== 0) errors.push(invalidValue('count', '', 'needs to be unset'))
  const source = optionalObject(object, 'source')
  if (stringOf(source, 'component') !== '' || stringOf(source, 'host') !== '') {
    errors.push(invalidValue('source', '', 'needs to be unset'))
  }
  return errors
}
