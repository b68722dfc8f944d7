import type { Ingress, IngressBackend } from './objects.ts'
import type { PathMatch, Rule } from './rules.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

/** The class of an Ingress: the field, or the annotation of old. */
export const ingressClassOf = ({ metadata, spec }: Ingress) =>
  spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION]

/**
 * Rules of an Ingress by host; the empty host is every host. Paths of type ImplementationSpecific are prefixes.
 * Reference: https://kubernetes.io/docs/concepts/services-networking/ingress/
 */
export function ingressRules(ingress: Ingress): [string, Rule][] {
  const { namespace = '', name, creationTimestamp: created = '' } = ingress.metadata
  let index = 0
  const rule = (path: PathMatch, { service }: IngressBackend): Rule => ({
    namespace,
    source: `Ingress ${namespace}/${name}`,
    index: index++,
    created,
    brokenStatus: 503,
    backends: [
      {
        service: service?.name ?? '',
        port: service?.port ?? {},
        weight: 1,
        refused: service === undefined,
        credit: 0,
      },
    ],
    path,
    headers: [],
    query: [],
    deep: false,
  })
  const { rules = [], defaultBackend } = ingress.spec
  const named = rules.flatMap(({ host = '', http }) =>
    // A rule without paths leaves its host to the default backend.
    (http?.paths ?? []).map(({ path, pathType, backend }): [string, Rule] => {
      const type = pathType === 'Exact' ? 'exact' : 'prefix'
      return [host, rule({ type, value: path === undefined || path === '' ? '/' : path }, backend)]
    }),
  )
  if (defaultBackend === undefined) return named
  return [...named, ['', rule({ type: 'rest', value: '/' }, defaultBackend)]]
}
