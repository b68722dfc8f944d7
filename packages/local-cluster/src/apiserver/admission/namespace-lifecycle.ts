import type { ObjectStore } from '../../store/store.ts'
import { forbidden, notFound } from '../../types/errors.ts'
import { Namespaces } from '../../types/resources.ts'
import type { AdmissionPlugin } from './admission.ts'

/** These are never deleted. */
export const immortalNamespaces = new Set(['default', 'kube-system', 'kube-public'])

/** Nothing is created in a namespace that is not there or on its way out. */
export function namespaceLifecycle(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    mutate({ operation, type, namespace, name }) {
      if (operation !== 'CREATE' || namespace === undefined) return
      const found = store.get(Namespaces, undefined, namespace)
      if (found === undefined) throw notFound(Namespaces, namespace)
      if (found.metadata.deletionTimestamp === undefined) return
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`
      throw forbidden(type, name, why, [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ])
    },
  }
}
