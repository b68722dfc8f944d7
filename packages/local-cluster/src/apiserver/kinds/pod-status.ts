import { objectList, optionalObject, setDefault, stringOf } from '../../types/json.ts'
import type { JsonObject } from '../../types/objects.ts'

/** Keys that Go cannot leave out of a container's status. */
const always: JsonObject = { name: '', state: {}, lastState: {}, ready: false, restartCount: 0, image: '', imageID: '' }
const statusLists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']

/** Completes a pod's status that was written. Reference: pkg/apis/core/v1/conversion.go. */
export function completePodStatus(object: JsonObject, old: JsonObject): void {
  const status = optionalObject(object, 'status')
  for (const key of statusLists) {
    for (const container of objectList(status, key)) {
      for (const [name, value] of Object.entries(always)) setDefault(container, name, structuredClone(value))
    }
  }
  if (status === null) return
  const { qosClass } = optionalObject(old, 'status') ?? {}
  if (qosClass !== undefined) setDefault(status, 'qosClass', qosClass)
  const [ip, first] = [stringOf(status, 'podIP'), stringOf(objectList(status, 'podIPs')[0] ?? null, 'ip')]
  if (ip !== '' && ip !== first) status.podIPs = [{ ip }]
  else if (ip === '' && first !== '') status.podIP = first
}
