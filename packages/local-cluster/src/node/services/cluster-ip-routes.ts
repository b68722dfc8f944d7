import { NODE_IP } from '../../types/pod-ports.ts'
import type { Service } from '../../types/service.ts'
import type { Routes } from '../network/routes.ts'

/** Leads what pods send to a Service's `clusterIP` to where the Service is listened for. */
export class ClusterIpRoutes {
  readonly #routes: Routes
  /** Ports that are routed, by Service. */
  readonly #present = new Map<string, { host: string; ports: readonly number[] }>()

  constructor(routes: Routes) {
    this.#routes = routes
  }

  /**
   * @param service null: it is not reached this way, or no more
   * @param ports where it is listened for, by the Service's own ports
   */
  set(key: string, service: Service | null, ports: Readonly<Record<string, number>>): void {
    const host = service?.spec.clusterIP
    const wanted = host === undefined ? [] : Object.keys(ports).map(Number)
    const present = this.#present.get(key)
    for (const port of present?.ports ?? []) {
      if (present !== undefined && (present.host !== host || !wanted.includes(port))) {
        this.#routes.delete({ host: present.host, port })
      }
    }
    this.#present.delete(key)
    if (host === undefined || wanted.length === 0) return
    for (const port of wanted) this.#routes.set({ host, port }, { host: NODE_IP, port: ports[port] ?? port })
    this.#present.set(key, { host, ports: wanted })
  }
}
