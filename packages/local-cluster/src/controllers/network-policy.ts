import { Events, NetworkPolicies } from '../types/resources.ts'
import { type ControllerContext, keyOf, parseKey, runController } from './kind-controller.ts'

const REASON = 'NotEnforced'

/** NetworkPolicies are stored, and an event says of each that it holds nothing back here. */
export function runNetworkPolicies(context: ControllerContext) {
  return runController(context, {
    name: 'network-policy',
    reconcile: (key) => reconcile(context, key),
    watches: [{ type: NetworkPolicies, keys: (object, deleted) => (deleted ? [] : [keyOf(object)]) }],
  })
}

async function reconcile({ api }: ControllerContext, key: string): Promise<void> {
  const { namespace, name } = parseKey(key)
  const policy = await api.get(NetworkPolicies, { namespace, name })
  if (policy === null) return
  const fieldSelector = `involvedObject.uid=${policy.metadata.uid ?? ''},reason=${REASON}`
  const { items } = await api.list(Events, { namespace, fieldSelector })
  if (items.length > 0) return
  const message =
    'The local cluster stores network policies and does not enforce them: all pods reach each other. On other clusters this policy takes effect.'
  const component = 'network-policy-controller'
  await api.recordEvent({ about: policy, type: 'Warning', reason: REASON, message, component })
}
