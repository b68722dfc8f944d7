import type { FastifyInstance } from 'fastify'

export interface ReadinessCheck {
  /** A sentence when this part is not ready, null when it is. */
  problem(): Promise<string | null>
  /** False: shown, but requests are taken all the same (the cluster may be away; the product says so itself). */
  required: boolean
}

const CHECK_TIMEOUT_MS = 3000

/** `/healthz`: this process answers. `/readyz`: it can do its work; 503 with the reasons while it can not. */
export function addHealthRoutes(server: FastifyInstance, checks: Readonly<Record<string, ReadinessCheck>>): void {
  server.get('/healthz', async () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    const entries = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => ({
        name,
        required: check.required,
        problem: await ask(check),
      })),
    )
    const ready = entries.every((entry) => entry.problem === null || !entry.required)
    const parts = Object.fromEntries(entries.map((entry) => [entry.name, entry.problem ?? 'ok']))
    return reply.status(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready', parts })
  })
}

async function ask(check: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`did not answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([check.problem(), tooLong])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
