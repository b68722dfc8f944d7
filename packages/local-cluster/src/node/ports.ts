import { createServer } from 'node:net'

/** Below the ports of the node that Services are given, and those that Linux, macOS and Windows pick for outgoing connections. */
const FIRST_PORT = 20_000
const PORTS = 10_000
const MOST_TRIES = 200

/** Hands out host ports that are free and that no other pod of this node has. */
export interface PortAllocator {
  /** Keeps ports that a pod already has. */
  keep(owner: string, ports: Iterable<number>): void
  /** True when nobody listens there now. */
  isFree(port: number): Promise<boolean>
  /** A free port, kept for the owner. */
  pick(owner: string): Promise<number>
  /** Gives back everything the owner has. */
  release(owner: string): void
}

/** @param random in [0, 1): where the search begins, so that several clusters on one machine rarely meet */
export function createPortAllocator(random: () => number = Math.random): PortAllocator {
  const owners = new Map<number, string>()
  return {
    keep(owner, ports) {
      for (const port of ports) owners.set(port, owner)
    },
    isFree,
    async pick(owner) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const port = FIRST_PORT + Math.floor(random() * PORTS)
        if (owners.has(port)) continue
        // Taken before the look, so that two searches never end with the same.
        owners.set(port, owner)
        if (await isFree(port)) return port
        owners.delete(port)
      }
      throw new Error(`no free port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} on this machine`)
    },
    release(owner) {
      for (const [port, holder] of owners) if (holder === owner) owners.delete(port)
    },
  }
}

/** Tries to listen on every address and on loopback: a program that listens on one of them would be in the way. */
async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port))
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () => {
      server.close(() => resolve(true))
    })
  })
}
