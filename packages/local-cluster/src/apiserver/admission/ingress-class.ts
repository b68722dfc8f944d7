import type { ObjectStore } from '../../store/store.ts'
import { childObject, optionalObject, stringMap } from '../../types/json.ts'
import { IngressClasses } from '../../types/resources.ts'
import type { AdmissionPlugin } from './admission.ts'

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class'
const OLD_ANNOTATION = 'kubernetes.io/ingress.class'

/** DefaultIngressClass of the real server: an Ingress that names no class gets the default one. */
export function ingressClass(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    mutate({ operation, type, object }) {
      if (operation !== 'CREATE' || type.kind !== 'Ingress') return
      const spec = childObject(object, 'spec')
      const annotations = stringMap(optionalObject(object, 'metadata'), 'annotations')
      if (spec.ingressClassName !== undefined || annotations[OLD_ANNOTATION] !== undefined) return
      const [found] = store
        .list(IngressClasses)
        .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true')
        .sort((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''))
      if (found !== undefined) spec.ingressClassName = found.metadata.name
    },
  }
}
