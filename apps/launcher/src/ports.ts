import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { z } from 'zod'

const portsSchema = z.object({
  platform: z.number().int(),
  console: z.number().int(),
  clusterApi: z.number().int(),
  ingress: z.number().int(),
})
/** Loopback ports of the parts behind the one public port. */
export type PartPorts = z.infer<typeof portsSchema>

/**
 * Chooses a port for each part: the last start's where it is still free, so that kubeconfigs and running builds keep
 * working, another free one where it is not.
 */
export async function choosePorts(stateDir: string): Promise<PartPorts> {
  const file = path.join(stateDir, 'ports.json')
  const last = existsSync(file) ? portsSchema.safeParse(readJson(file)) : undefined
  const wanted = last?.success ? last.data : { platform: 0, console: 0, clusterApi: 0, ingress: 0 }
  const ports = {
    platform: await freePort(wanted.platform),
    console: await freePort(wanted.console),
    clusterApi: await freePort(wanted.clusterApi),
    ingress: await freePort(wanted.ingress),
  }
  writeFileSync(file, `${JSON.stringify(ports)}\n`)
  return ports
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null // Cut off while it was written: other ports do as well.
  }
}

async function freePort(wanted: number): Promise<number> {
  return (wanted > 0 ? await tryPort(wanted) : null) ?? (await tryPort(0)) ?? Promise.reject(new Error('no free port'))
}

/** The port that could be listened on, null when it is taken. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : null))
    })
  })
}
