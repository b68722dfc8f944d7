import { createServer } from 'node:http'
import path from 'node:path'
import { createRegistry } from '../../../local-cluster/src/registry/index.ts'
import { startDockerRegistry } from './docker-registry.ts'

/** A registry that a test pushes to. */
export interface TestRegistry {
  origin: string
  host: string
  stop(): Promise<void>
}

/** The local cluster's own registry on a port. */
export async function startEmbeddedRegistry(dir: string, maxBlobBytes?: number): Promise<TestRegistry> {
  const registry = await createRegistry({ dir: path.join(dir, 'embedded'), ...(maxBlobBytes ? { maxBlobBytes } : {}) })
  const server = createServer((request, response) => void registry.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
  return {
    origin: `http://${host}`,
    host,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** The registries that the client is tried on. */
export const REGISTRIES = {
  'docker-registry': (dir: string): Promise<TestRegistry> => startDockerRegistry({ dir }),
  embedded: (dir: string): Promise<TestRegistry> => startEmbeddedRegistry(dir),
}
