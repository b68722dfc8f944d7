import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { ROOT } from './installation.ts'

const ruleSchema = z.object({
  apiGroups: z.array(z.string()),
  resources: z.array(z.string()),
  verbs: z.array(z.string()),
})
export type Rule = z.infer<typeof ruleSchema>

/** What infra/kubernetes/base lets the platform do. */
export function platformRules(): Rule[] {
  const documents = parseAllDocuments(readFileSync(path.join(ROOT, 'infra/kubernetes/base/access.yaml'), 'utf8'))
  const role = documents.map((each): unknown => each.toJS()).find((each) => isKind(each, 'ClusterRole'))
  return z.object({ rules: z.array(ruleSchema) }).parse(role).rules
}

const isKind = (object: unknown, kind: string) =>
  typeof object === 'object' && object !== null && Reflect.get(object, 'kind') === kind

/** One request in the words of Kubernetes' authorization. */
interface Attributes {
  group: string
  /** With its subresource: `pods/log`. */
  resource: string
  verbs: string[]
}

const READ_PATHS = /^\/(version|api|apis|healthz|livez|readyz|openapi)(\/|$)/

/**
 * Attributes of a request; null for paths that every account may read. Server-side apply needs `patch` and, where it makes the
 * object, `create`: both are asked for.
 * Reference: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb
 */
function attributesOf(method: string, url: string): Attributes | null {
  const { pathname, searchParams } = new URL(url, 'http://cluster')
  const match = /^\/(?:api\/[^/]+|apis\/([^/]+)\/[^/]+)\/(.+)$/.exec(pathname)
  if (match === null) return READ_PATHS.test(pathname) ? null : { group: '', resource: pathname, verbs: [method] }
  const parts = (match[2] ?? '').split('/')
  // /namespaces/NAME is a namespace itself; with more behind it, it is where that lies.
  const [resource = '', name, subresource] = parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(2) : parts
  const watch = ['1', 'true'].includes(searchParams.get('watch') ?? '')
  const read = name === undefined ? [watch ? 'watch' : 'list'] : ['get']
  const verbs: Record<string, string[]> = {
    GET: read,
    POST: ['create'],
    PUT: ['update'],
    PATCH: ['patch', 'create'],
    DELETE: [name === undefined ? 'deletecollection' : 'delete'],
  }
  return {
    group: match[1] ?? '',
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    verbs: verbs[method] ?? [method],
  }
}

/** True where the rules grant all that a request needs. */
export function allows(rules: readonly Rule[], { group, resource, verbs }: Attributes): boolean {
  return verbs.every((verb) =>
    rules.some(
      (rule) => rule.apiGroups.includes(group) && rule.resources.includes(resource) && rule.verbs.includes(verb),
    ),
  )
}

/** Stands before a cluster as its authorizer would: forwards what the rules allow, and answers 403 to the rest. */
export interface GuardedCluster {
  url: string
  /** Every request that was refused. */
  refused: string[]
  /** Every `verb resource` that was used. */
  used: Set<string>
  close(): Promise<void>
}

export async function guardCluster(clusterUrl: string, rules: readonly Rule[]): Promise<GuardedCluster> {
  const refused: string[] = []
  const used = new Set<string>()
  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/' } = incoming
    const attributes = attributesOf(method, url)
    if (attributes !== null && !allows(rules, attributes)) {
      refused.push(`${method} ${url}`)
      incoming.resume()
      response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(forbidden(attributes)))
      return
    }
    for (const verb of attributes?.verbs ?? []) used.add(`${verb} ${attributes?.resource}`)
    const outgoing = request(
      `${clusterUrl}${url}`,
      { method, headers: incoming.headers, agent: false },
      (answer: IncomingMessage) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        // A watch is told of its first byte at once.
        response.flushHeaders()
        answer.on('error', () => response.destroy())
        answer.pipe(response)
      },
    )
    outgoing.on('error', () => response.destroy())
    response.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    refused,
    used,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const forbidden = ({ resource, verbs }: Attributes) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `${resource} is forbidden: User "system:serviceaccount:slipway-system:slipway-platform" cannot ${verbs[0]} resource "${resource}"`,
  reason: 'Forbidden',
  code: 403,
})

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address !== null && typeof address === 'object') resolve(address.port)
      else reject(new Error('no port'))
    })
  })
}
