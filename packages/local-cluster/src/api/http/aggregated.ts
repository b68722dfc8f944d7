import { z } from 'zod'

/** Media type of the one document that says all. */
export const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

const listSchema = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      singularName: z.string(),
      namespaced: z.boolean(),
      kind: z.string(),
      group: z.string().optional(),
      version: z.string().optional(),
      verbs: z.array(z.string()),
      shortNames: z.array(z.string()).optional(),
      categories: z.array(z.string()).optional(),
    }),
  ),
})
type Resource = z.infer<typeof listSchema>['resources'][number]

const groupsSchema = z.object({
  groups: z.array(
    z.object({ name: z.string(), versions: z.array(z.object({ groupVersion: z.string(), version: z.string() })) }),
  ),
})

/** True where the client asks for the one document before anything else that is served. */
export function prefersAggregated(accept: string | undefined): boolean {
  const [first = ''] = (accept ?? '').split(',')
  const parts = first.split(';').map((part) => part.trim())
  return ['application/json', 'g=apidiscovery.k8s.io', 'v=v2', 'as=APIGroupDiscoveryList'].every((part) =>
    parts.includes(part),
  )
}

/**
 * /api or /apis with everything below it, as clients since 1.27 ask for. Reference: API concepts, "Aggregated discovery".
 * @param documentAt the documents of which this one is put together
 */
export function aggregatedDiscovery(path: '/api' | '/apis', documentAt: (path: string) => unknown): unknown {
  const groups =
    path === '/api'
      ? [{ name: '', versions: [{ groupVersion: 'v1', version: 'v1' }] }]
      : groupsSchema.parse(documentAt('/apis')).groups
  const items = groups.map(({ name, versions }) => ({
    metadata: name === '' ? {} : { name },
    versions: versions.map(({ groupVersion, version }) => ({
      version,
      resources: resourcesOf(listSchema.parse(documentAt(`${path}/${groupVersion}`)).resources),
      freshness: 'Current',
    })),
  }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

function resourcesOf(all: Resource[]): unknown[] {
  return all
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => {
      const parts = all.filter(({ name }) => name.startsWith(`${resource.name}/`))
      return {
        resource: resource.name,
        responseKind: kindOf(resource),
        scope: resource.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: resource.singularName,
        verbs: resource.verbs,
        ...(resource.shortNames === undefined ? {} : { shortNames: resource.shortNames }),
        ...(resource.categories === undefined ? {} : { categories: resource.categories }),
        ...(parts.length === 0 ? {} : { subresources: parts.map((part) => partOf(part, resource.name)) }),
      }
    })
}

const partOf = (part: Resource, of: string) => ({
  subresource: part.name.slice(of.length + 1),
  responseKind: kindOf(part),
  verbs: part.verbs,
})

const kindOf = ({ group = '', version = '', kind }: Resource) => ({ group, version, kind })
