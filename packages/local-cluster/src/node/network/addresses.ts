import { POD_RANGE } from '../../types/pod-ports.ts'

/** Addresses of pods, each in use by one of them. */
export interface PodAddresses {
  /** One that no pod has and that was not given back a moment ago. */
  take(): string
  /** Keeps one that a pod already has. */
  keep(address: string): void
  release(address: string): void
}

export function createPodAddresses(): PodAddresses {
  const used = new Set<string>()
  let last = 0
  return {
    take() {
      if (used.size >= POD_RANGE.size - 2) throw new Error('there is no free address for another pod')
      let address: string
      do {
        last = (last % (POD_RANGE.size - 2)) + 1
        address = written(POD_RANGE.first + last)
      } while (used.has(address))
      used.add(address)
      return address
    },
    keep: (address) => void used.add(address),
    release: (address) => void used.delete(address),
  }
}

const written = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.')
