import { expect, it } from 'vitest'
import { DEFAULT_SCALE, firstScaleOf, neededForRelease, neededForScale } from './needs.ts'
import { reservedBy, surgeOf } from './process.ts'
import { isRouted, PROCESS_KINDS, PROCESSES, surgeInstances } from './process-kind.ts'

const scale = { instances: 3, cpuMillis: 100, memoryMiB: 64 }

it('a process that can run twice side by side surges, others do not', () => {
  for (const kind of PROCESS_KINDS) {
    const { isReplicated, hasStorage, ends } = PROCESSES[kind]
    expect(surgeInstances(kind), kind).toBe(isReplicated && !hasStorage && !ends ? 1 : 0)
    const count = surgeInstances(kind)
    expect(surgeOf({ ...scale, kind })).toEqual({ cpuMillis: 100 * count, memoryMiB: 64 * count, instances: count })
    expect(surgeOf({ ...scale, instances: 0, kind }).instances).toBe(0)
  }
  expect(PROCESS_KINDS.filter((kind) => isRouted({ kind }))).toEqual(['web'])
})

it('a new release takes the surge of what is there already and the whole of what is new', () => {
  const before = [{ name: 'web', kind: 'web' as const }]
  const mail = { name: 'mail', kind: 'worker' as const }
  const needed = neededForRelease(before, [...before, mail], new Map([['web', scale]]))
  expect(needed.instances).toBe(1 + reservedBy(DEFAULT_SCALE).instances)
  expect(needed.cpuMillis).toBe(100 + reservedBy(DEFAULT_SCALE).cpuMillis)
})

it('a release’s own command runs once beside what rolls, each time anew', () => {
  const before = [{ name: 'web', kind: 'web' as const }]
  const release = { name: 'release', kind: 'release' as const }
  const scales = new Map([['web', scale]])
  const first = neededForRelease(before, [...before, release], scales)
  expect(first.instances).toBe(1 + 1)
  expect(neededForRelease([...before, release], [...before, release], scales)).toEqual(first)
  expect(firstScaleOf(release).instances).toBe(0)
})

it('a changed count takes no surge, a changed size does', () => {
  expect(neededForScale('worker', scale, { ...scale, instances: 4 }).instances).toBe(1)
  expect(neededForScale('worker', scale, { ...scale, memoryMiB: 128 })).toEqual({
    ...{ cpuMillis: 100, memoryMiB: 3 * 64 + 128, instances: 1 },
  })
})
