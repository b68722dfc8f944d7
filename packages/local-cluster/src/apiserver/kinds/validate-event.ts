import type { FieldError } from '../../types/errors.ts'
import { optionalObject, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'
import { asObject } from '../core/decode-body.ts'
import { invalidValue, required } from '../validation/fields.ts'
import { qualifiedName } from '../validation/names.ts'

const most = { reportingInstance: 128, action: 128, reason: 128, message: 1024 }

/** Reference: legacyValidateEvent of k8s.io/kubernetes/pkg/apis/core/validation/events.go. */
export function validateEvent(object: JsonObject): FieldError[] {
  const involved = optionalObject(object, 'involvedObject')
  const namespace = stringOf(involved, 'namespace')
  const own = asObject(object).metadata.namespace ?? ''
  const elsewhere = invalidValue('involvedObject.namespace', namespace, 'does not match event.namespace')
  if (stringOf(object, 'eventTime') === '') {
    return (namespace === '' ? own === 'default' : own === namespace) ? [] : [elsewhere]
  }
  const errors = namespace === '' && own !== 'default' && own !== 'kube-system' ? [elsewhere] : []
  const controller = stringOf(object, 'reportingComponent')
  if (controller === '') errors.push(required('reportingComponent'))
  errors.push(...qualifiedName(controller).map((why) => invalidValue('reportingComponent', controller, why)))
  for (const field of ['reportingInstance', 'action', 'reason', 'message'] as const) {
    const text = stringOf(object, field)
    if (text === '' && field !== 'message') errors.push(required(field))
    if (text.length > most[field]) errors.push(invalidValue(field, '', `can have at most ${most[field]} characters`))
  }
  return errors
}
