import { randomInt } from 'node:crypto'
import type { ObjectStore } from '../../store/store.ts'
import { ApiError } from '../../types/errors.ts'
import { optionalObject, stringOf } from '../../types/json.ts'
import type { KubernetesObject } from '../../types/objects.ts'
import { groupResourceName, Services } from '../../types/resources.ts'
import { asJson } from './decode-body.ts'
import type { Addresses } from './strategy.ts'

/** Tries of a random address before the range is searched in order. */
const randomTries = 64

/** The first address of the range is the API's, as everywhere. */
export const KUBERNETES_IP = '10.96.0.1'

/** The addresses of 10.96.0.0/16, kubeadm's default service range, and which of them Services have: counted with every write. */
export class ClusterIps implements Addresses {
  /** Two Services may have been given the same address. */
  readonly #users = new Map<string, number>()

  constructor(store: ObjectStore) {
    for (const service of store.list(Services)) this.#count(service, 1)
    store.subscribeEarly(({ resource, type, object, previous }) => {
      if (resource !== servicesResource) return
      if (previous !== null) this.#count(previous, -1)
      if (type !== 'DELETED') this.#count(object, 1)
    })
  }

  /** A free address. @throws ApiError 500 where there is none. */
  allocate(): string {
    for (let i = 0; i < randomTries; i += 1) {
      const address = `10.96.${randomInt(256)}.${randomInt(1, 255)}`
      if (this.#isFree(address)) return address
    }
    for (let n = 1; n < 65_535; n += 1) {
      const address = `10.96.${n >> 8}.${n & 255}`
      if (this.#isFree(address)) return address
    }
    throw new ApiError(500, 'InternalError', 'failed to allocate a serviceIP: range is full')
  }

  #isFree(address: string): boolean {
    return address !== KUBERNETES_IP && !this.#users.has(address)
  }

  /** Why a Service can not have this address; null where it can. */
  refusal(address: string): string | null {
    if (!/^10\.96\.\d+\.\d+$/.test(address)) return 'the provided network does not match the current range'
    return this.#users.has(address) ? 'provided IP is already allocated' : null
  }

  #count(service: KubernetesObject, sign: 1 | -1): void {
    const address = stringOf(optionalObject(asJson(service), 'spec'), 'clusterIP')
    const users = (this.#users.get(address) ?? 0) + sign
    if (users > 0) this.#users.set(address, users)
    else this.#users.delete(address)
  }
}

const servicesResource = groupResourceName(Services)
