import type { Pod } from '../types/pod.ts'
import { isFinished } from '../types/pod-conditions.ts'
import { hostPorts, type NodeLoad, requested } from './node-fit.ts'

interface Share {
  node: string
  cpuNano: bigint
  memoryNano: bigint
  ports: readonly string[]
}

/**
 * What the pods of each node have reserved, kept up to date pod by pod: to place one more does not mean to add all others up.
 * Reference: the NodeInfo cache of kube-scheduler.
 */
export class NodeLoads {
  readonly #shares = new Map<string, Share>()
  readonly #loads = new Map<string, { pods: number; cpuNano: bigint; memoryNano: bigint; ports: Map<string, number> }>()

  /** Takes note of a pod as it is now; of one that ended, or has no node, nothing is counted. */
  note(pod: Pod, gone = false): void {
    const { uid = '' } = pod.metadata
    const node = pod.spec.nodeName ?? ''
    const counts = !gone && node !== '' && !isFinished(pod)
    const known = this.#shares.get(uid)
    // What a pod asks for does not change while it is on its node.
    if (known === undefined ? !counts : counts && known.node === node) return
    if (known !== undefined) this.#add(known, -1)
    if (!counts) {
      this.#shares.delete(uid)
      return
    }
    const share = {
      node,
      cpuNano: requested(pod, 'cpu'),
      memoryNano: requested(pod, 'memory'),
      ports: hostPorts(pod),
    }
    this.#shares.set(uid, share)
    this.#add(share, 1)
  }

  on(node: string): NodeLoad {
    const { pods = 0, cpuNano = 0n, memoryNano = 0n, ports } = this.#loads.get(node) ?? {}
    return { pods, nano: { cpu: cpuNano, memory: memoryNano }, hasPort: (port) => ports?.has(port) === true }
  }

  #add(share: Share, sign: 1 | -1): void {
    const load = this.#loads.get(share.node) ?? { pods: 0, cpuNano: 0n, memoryNano: 0n, ports: new Map() }
    load.pods += sign
    load.cpuNano += BigInt(sign) * share.cpuNano
    load.memoryNano += BigInt(sign) * share.memoryNano
    for (const port of share.ports) {
      const users = (load.ports.get(port) ?? 0) + sign
      if (users === 0) load.ports.delete(port)
      else load.ports.set(port, users)
    }
    if (load.pods === 0) this.#loads.delete(share.node)
    else this.#loads.set(share.node, load)
  }
}
