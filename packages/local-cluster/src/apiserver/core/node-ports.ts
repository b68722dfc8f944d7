import { randomInt } from 'node:crypto'
import type { ObjectStore } from '../../store/store.ts'
import { ApiError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject } from '../../types/json.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { groupResourceName, Services } from '../../types/resources.ts'
import { asJson } from './decode-body.ts'
import type { PortClaim, Ports } from './strategy.ts'

/** Both ends are in it. */
export interface PortRange {
  first: number
  last: number
}

const defaultNodePorts: PortRange = { first: 30_000, last: 32_767 }

/** Tries of a random port before the range is searched in order. */
const randomTries = 64

/** The ports of the node that Services have, counted with every write. Reference: registry/core/service/portallocator. */
export class NodePorts implements Ports {
  readonly #range: PortRange
  readonly #users = new Map<number, number>()

  constructor(store: ObjectStore, range: PortRange = defaultNodePorts) {
    this.#range = range
    for (const service of store.list(Services)) this.#count(service, 1)
    store.subscribeEarly(({ resource, type, object, previous }) => {
      if (resource !== servicesResource) return
      if (previous !== null) this.#count(previous, -1)
      if (type !== 'DELETED') this.#count(object, 1)
    })
  }

  claim(dryRun: boolean): PortClaim {
    return dryRun ? new ExampleClaim(this.#range, this.#users) : new Claim(this.#range, this.#users)
  }

  #count(service: KubernetesObject, sign: 1 | -1): void {
    for (const port of nodePortsOf(service)) {
      const users = (this.#users.get(port) ?? 0) + sign
      if (users > 0) this.#users.set(port, users)
      else this.#users.delete(port)
    }
  }
}

class Claim implements PortClaim {
  protected readonly range: PortRange
  protected readonly taken: number[] = []
  readonly #users: ReadonlyMap<number, number>

  constructor(range: PortRange, users: ReadonlyMap<number, number>) {
    this.range = range
    this.#users = users
  }

  take(port: number): string | null {
    const { first, last } = this.range
    if (port >= first && port <= last) return this.takeAny(port)
    return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
  }

  next(): number {
    const { first, last } = this.range
    for (let i = 0; i < randomTries; i += 1) {
      const port = randomInt(first, last + 1)
      if (this.take(port) === null) return port
    }
    for (let port = first; port <= last; port += 1) if (this.take(port) === null) return port
    throw new ApiError(500, 'InternalError', 'failed to allocate a nodePort: range is full')
  }

  protected takeAny(port: number): string | null {
    if (this.#users.has(port) || this.taken.includes(port)) return 'provided port is already allocated'
    this.taken.push(port)
    return null
  }
}

class ExampleClaim extends Claim {
  override take(port: number): string | null {
    return this.takeAny(port)
  }

  override next(): number {
    const port = Math.max(this.range.last + 1, ...this.taken) + 1
    this.taken.push(port)
    return port
  }
}

/** All ports of the node that a Service has, that of its health checks included. */
function nodePortsOf(service: KubernetesObject): Set<number> {
  const spec = optionalObject(asJson(service), 'spec')
  const ports = objectList(spec, 'ports').map((port) => numberOf(port, 'nodePort') ?? 0)
  return new Set([...ports, numberOf(spec, 'healthCheckNodePort') ?? 0].filter((port) => port !== 0))
}

const servicesResource = groupResourceName(Services)
