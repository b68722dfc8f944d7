import type { ProcessScale } from './process.ts'
import { cpuQuantity, memoryQuantity } from './quantity.ts'

/** CPU (millicores) and memory (MiB) of one instance. */
export type Size = Pick<ProcessScale, 'cpuMillis' | 'memoryMiB'>

/** Sizes that have a name. `micro` is what a process starts with. Any other pair of CPU and memory is a custom size. */
export const SIZES = {
  nano: { cpuMillis: 50, memoryMiB: 128 },
  micro: { cpuMillis: 100, memoryMiB: 256 },
  small: { cpuMillis: 250, memoryMiB: 512 },
  medium: { cpuMillis: 500, memoryMiB: 1024 },
  large: { cpuMillis: 1000, memoryMiB: 2048 },
  xlarge: { cpuMillis: 2000, memoryMiB: 4096 },
} as const satisfies Record<string, Size>

export type SizeName = keyof typeof SIZES
export const SIZE_NAMES = Object.keys(SIZES) as [SizeName, ...SizeName[]]

/** The name of a size; null where it is a custom one. */
export function sizeNameOf({ cpuMillis, memoryMiB }: Size): SizeName | null {
  return SIZE_NAMES.find((name) => SIZES[name].cpuMillis === cpuMillis && SIZES[name].memoryMiB === memoryMiB) ?? null
}

/** "small", or "300m CPU, 700Mi memory" of a custom one. */
export function describeSize(size: Size): string {
  return sizeNameOf(size) ?? `${cpuQuantity(size.cpuMillis)} CPU, ${memoryQuantity(size.memoryMiB)} memory`
}
