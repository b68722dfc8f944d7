import type { Service } from '../../types/service.ts'
import type { NodeLog } from '../options.ts'
import type { ServicePort, Target } from './endpoints.ts'
import { type Listener, listenAt } from './listener.ts'

/** Where ports of the node are listened on: this machine only, as everything of the cluster. */
const HOST = '127.0.0.1'

/** Listens on the ports of the node that Services of type NodePort and LoadBalancer have. UDP is not passed on. */
export class NodePortListeners {
  readonly #log: NodeLog
  /** By Service, then by node port and what it leads to. */
  readonly #open = new Map<string, Map<string, Listener>>()

  constructor(log: NodeLog) {
    this.#log = log
  }

  /** @param service null: it is gone. A port that another program has is told of, and tried again at the next look at the Service. */
  async set(key: string, service: Service | null, targets: (port: ServicePort) => Promise<Target[]>): Promise<void> {
    const ports = (service?.spec.ports ?? []).filter(
      ({ nodePort = 0, protocol = 'TCP' }) => nodePort !== 0 && protocol === 'TCP',
    )
    const open = this.#open.get(key) ?? new Map<string, Listener>()
    const wanted = new Map(ports.map((port) => [`${port.nodePort} ${port.name ?? ''}`, port]))
    for (const [known, listener] of open) {
      if (wanted.has(known)) continue
      listener.close()
      open.delete(known)
    }
    for (const [name, port] of wanted) {
      if (open.has(name)) continue
      const at = port.nodePort ?? 0
      try {
        open.set(name, await listenAt(HOST, at, () => targets(port)))
      } catch (error) {
        this.#log.warn('a port of the node is taken by another program', {
          service: key,
          port: at,
          error: String(error),
        })
      }
    }
    if (open.size > 0) this.#open.set(key, open)
    else this.#open.delete(key)
  }

  close(): void {
    for (const open of this.#open.values()) for (const listener of open.values()) listener.close()
    this.#open.clear()
  }
}
