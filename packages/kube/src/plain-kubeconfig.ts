import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { ServerCredentials } from './server-credentials.ts'

/** A server and a bearer token, and nothing that a client library is needed for. */
const plainSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.strictObject({ server: z.url(), 'certificate-authority-data': z.string().optional() }),
    }),
  ),
  users: z.array(z.object({ name: z.string(), user: z.strictObject({ token: z.string().min(1) }) })),
})

/**
 * Credentials of a kubeconfig with a server and a token alone, as the local cluster writes it. Null for every other one, and for what
 * cannot be read: those are the client library's, which takes longer to load than half of the platform.
 */
export async function readPlainKubeconfig(file: string): Promise<ServerCredentials | null> {
  const config = plainSchema.safeParse(parseYaml(await readFile(file, 'utf8').catch(() => ''))).data
  const context = config?.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config?.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const token = config?.users.find(({ name }) => name === context?.user)?.user.token
  if (cluster === undefined || token === undefined) return null
  const authority = cluster['certificate-authority-data']
  return {
    server: cluster.server,
    proxyUrl: null,
    tls: authority === undefined ? {} : { ca: Buffer.from(authority, 'base64') },
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
  }
}

function parseYaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return null // The library says what is wrong with it.
  }
}
