import type { LocalApi } from './client.ts'
import type { Pod } from './pod.ts'
import { hostPort, isPodAddress, NODE_IP } from './pod-ports.ts'
import { Pods } from './resources.ts'

/** Where on this machine the addresses of pods are; kept up to date by a watch. */
export interface PodDirectory {
  /** The place of an endpoint on this machine; null for the address of a pod that is gone. */
  find(address: string, port: number): { host: string; port: number } | null
  stop(): void
}

export function watchPodDirectory(api: LocalApi): PodDirectory {
  const pods = new Map<string, Pod>()
  const stop = api.watch(Pods, {
    sendInitialEvents: true,
    onEvent: ({ type, object }) => {
      const pod = object as Pod
      const address = pod.status?.podIP
      if (address === undefined || !isPodAddress(address)) return
      if (type !== 'DELETED') pods.set(address, pod)
      // Another pod may have the address by now.
      else if (pods.get(address)?.metadata.uid === pod.metadata.uid) pods.delete(address)
    },
  })
  return {
    find(address, port) {
      if (!isPodAddress(address)) return { host: address, port }
      const pod = pods.get(address)
      return pod === undefined ? null : { host: NODE_IP, port: hostPort(pod, port) ?? port }
    },
    stop,
  }
}
