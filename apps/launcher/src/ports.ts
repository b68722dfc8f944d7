import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { z } from 'zod'
import { writePrivate } from './state.ts'

const portsSchema = z.object({
  platform: z.number().int(),
  console: z.number().int(),
  clusterApi: z.number().int(),
  ingress: z.number().int(),
})
const PARTS = portsSchema.keyof().options
const [LOWEST_PORT, HIGHEST_PORT] = [10_240, 32_768]
const TRIES = 200
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
  const ports: PartPorts = { platform: 0, console: 0, clusterApi: 0, ingress: 0 }
  for (const part of PARTS) ports[part] = await freePort(wanted[part], Object.values(ports))
  writePrivate(file, `${JSON.stringify(ports)}\n`)
  return ports
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null // Cut off while it was written: other ports do as well.
  }
}

/**
 * A port of loopback that was free a moment ago: `wanted` where it is, another one otherwise. Not one that the kernel hands out to
 * connections (RFC 6335's dynamic ports, and Linux's from 32768 on): one of those could have it when the part begins to listen.
 */
export async function freePort(wanted = 0, taken: readonly number[] = []): Promise<number> {
  if (wanted > 0 && (await isFree(wanted))) return wanted
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT)
    if (!taken.includes(port) && (await isFree(port))) return port
  }
  throw new Error('no free port')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
