import { describe, expect, it } from 'vitest'
import { addResources, NO_RESOURCES, RESOURCE_KEYS, type Resources, UNLIMITED } from './quota.ts'
import {
  allocationShortages,
  describeRefusal,
  describeTooLow,
  type EnvironmentLoad,
  shortagesIn,
  standingsOf,
  takenOf,
} from './standing.ts'

/** Repeatable pseudo-random numbers (mulberry32), so that a failure can be seen again. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** A team of one to six environments, a change in the first and limits for it. Small numbers, so that limits are met exactly. */
function anyCase(seed: number) {
  const roll = dice(seed)
  const most = [4, 40, 4000][roll(3)] ?? 4
  const resources = () => ({ cpuMillis: roll(most), memoryMiB: roll(most), instances: roll(most) })
  const limit = () => (roll(3) === 0 ? null : roll(most * 3))
  const limits = () => ({ cpuMillis: limit(), memoryMiB: limit(), instances: limit() })
  const load = (): EnvironmentLoad => ({ limits: limits(), reserved: resources(), surge: resources() })
  const [own, others] = [load(), Array.from({ length: roll(6) }, load)]
  return {
    own,
    others,
    team: { limits: limits(), environments: [own, ...others] },
    needed: resources(),
    wanted: limits(),
  }
}

const CASES = Array.from({ length: 2_000 }, (_, seed) => anyCase(seed))

const oneOf = (reserved: Partial<Resources>, own: Partial<EnvironmentLoad> = {}): EnvironmentLoad => ({
  limits: UNLIMITED,
  surge: NO_RESOURCES,
  ...own,
  reserved: { ...NO_RESOURCES, ...reserved },
})

describe('quota (13): one function computes reserved, used, free, surge, allotted', () => {
  it('counts an allocation as taken from the team, and what an environment without one holds', () => {
    const { team, environments } = standingsOf({
      limits: { ...UNLIMITED, cpuMillis: 2000 },
      environments: [
        oneOf({ cpuMillis: 250 }, { limits: { ...UNLIMITED, cpuMillis: 750 } }),
        oneOf({ cpuMillis: 100 }, { surge: { cpuMillis: 50, memoryMiB: 0, instances: 1 } }),
      ],
    })
    expect(team).toMatchObject({ reserved: { cpuMillis: 350 }, surge: { cpuMillis: 50 }, allotted: { cpuMillis: 750 } })
    expect(team.bounds.cpuMillis).toEqual({ level: 'team', limit: 2000, taken: 900, free: 1100 })
    expect(team.bounds.memoryMiB).toEqual({ level: null, limit: null, taken: 0, free: null })
    expect(environments[0]?.bounds.cpuMillis).toEqual({ level: 'environment', limit: 750, taken: 250, free: 500 })
    expect(environments[1]?.bounds.cpuMillis).toEqual(team.bounds.cpuMillis)
  })

  it('leaves the surge out that a change replaces, and names every shortage with its numbers', () => {
    const full = oneOf({ instances: 2 }, { surge: { ...NO_RESOURCES, instances: 1 } })
    const [standing] = standingsOf({ limits: { ...UNLIMITED, instances: 3 }, environments: [full] }).environments
    const one = { ...NO_RESOURCES, instances: 1 }
    expect(standing && shortagesIn(standing, one, one)).toEqual([])
    const found = standing ? shortagesIn(standing, one, NO_RESOURCES) : []
    expect(found).toEqual([{ level: 'team', resource: 'instances', needed: 1, left: 0, limit: 3 }])
    expect(describeRefusal(found, { project: 'shop', environment: 'production', byOperator: false, rolls: true })).toBe(
      "needs 1 instance, 0 instances left of 3 instances in the team's quota. A rolling update briefly runs one extra instance of each process. Scale something down, or ask an admin of the team for more.",
    )
  })

  it('says which limits are below what is held', () => {
    const held = { cpuMillis: 900, memoryMiB: 512, instances: 3 }
    expect(describeTooLow('team', { cpuMillis: 900, memoryMiB: null, instances: 3 }, held)).toBeNull()
    expect(describeTooLow('team', { cpuMillis: 500, memoryMiB: 512, instances: 2 }, held)).toBe(
      'The team already holds more than this: 900m CPU, limit 500; 3 instances, limit 2. Lower that first, or choose a higher limit.',
    )
  })

  it('adds up for every team', () => {
    for (const { team } of CASES) {
      const standings = standingsOf(team)
      for (const key of RESOURCE_KEYS) {
        const { limit, taken, free } = standings.team.bounds[key]
        const held = standings.team.reserved[key] + standings.team.surge[key]
        if (team.environments.every(({ limits }) => limits[key] === null)) expect(taken).toBe(held)
        expect(free).toBe(limit === null ? null : Math.max(0, limit - taken))
        for (const [index, { limits }] of team.environments.entries()) {
          const at = standings.environments[index]?.bounds[key]
          if (limits[key] === null) expect(at).toEqual(standings.team.bounds[key])
          else expect(at).toMatchObject({ level: 'environment', limit: limits[key] })
        }
      }
    }
  })

  it('admits exactly what is free, and takes exactly what was needed', () => {
    const seen = { admitted: 0, refused: 0 }
    for (const { own, others, team, needed } of CASES) {
      const [standing] = standingsOf(team).environments
      if (!standing) throw new Error('an environment has no standing')
      const isWithin = RESOURCE_KEYS.every((key) => needed[key] <= (standing.bounds[key].free ?? needed[key]))
      const fits = shortagesIn(standing, needed, NO_RESOURCES).length === 0
      seen[fits ? 'admitted' : 'refused']++
      expect(fits).toBe(isWithin)
      if (!fits) continue
      const grown = { ...own, reserved: addResources(own.reserved, needed) }
      const [after] = standingsOf({ ...team, environments: [grown, ...others] }).environments
      for (const key of RESOURCE_KEYS) {
        const { limit, free } = standing.bounds[key]
        if (needed[key] > 0 && limit !== null) expect(after?.bounds[key].free).toBe((free ?? 0) - needed[key])
      }
    }
    expect(Math.min(seen.admitted, seen.refused)).toBeGreaterThan(100)
  })

  it('never gives away more than the team has', () => {
    for (const { own, others, team, wanted } of CASES) {
      if (allocationShortages(team, own, wanted).length > 0) continue
      const before = takenOf(standingsOf({ ...team, environments: others }).team)
      const after = takenOf(standingsOf({ ...team, environments: [{ ...own, limits: wanted }, ...others] }).team)
      for (const key of RESOURCE_KEYS) {
        const limit = team.limits[key]
        if (limit !== null && after[key] > before[key]) expect(after[key]).toBeLessThanOrEqual(limit)
      }
    }
  })
})
