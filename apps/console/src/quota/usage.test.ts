import { NO_RESOURCES, type StandingView, standingsOf, UNLIMITED } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { usageLines } from './usage.ts'

const load = { limits: UNLIMITED, reserved: { cpuMillis: 250, memoryMiB: 256, instances: 1 }, surge: NO_RESOURCES }
const standing = (cpuMillis: number | null, used: StandingView['used'] = null): StandingView => ({
  ...standingsOf({ limits: { ...UNLIMITED, cpuMillis }, environments: [load] }).team,
  used,
})
const capacity = {
  allocatable: { cpuMillis: 2000, memoryMiB: 4096, instances: 110 },
  reserved: { cpuMillis: 1000, memoryMiB: 1024, instances: 4 },
}

describe('quota (13): the lines of a gauge', () => {
  it('are a part of the quota where one is set, of the cluster otherwise', () => {
    const [cpu, memory] = usageLines(standing(400), capacity)
    expect(cpu).toMatchObject({ whole: 'team', total: 400, free: 150, elsewhere: 0 })
    expect(memory).toMatchObject({ whole: 'cluster', total: 4096, free: 3072, elsewhere: 768 })
    expect(memory?.text).toBe('256 MiB memory reserved; use not measured; 3072 MiB memory free of 4096 MiB memory')
  })

  it('keep used apart from reserved, and may show more of it', () => {
    const [cpu] = usageLines(standing(400, { cpuMillis: 380, memoryMiB: 90, instances: 1 }), null)
    expect(cpu).toMatchObject({ reserved: 250, used: 380, free: 150 })
    expect(usageLines(standing(null), null)[0]).toMatchObject({ total: null, free: null, used: null })
  })
})
