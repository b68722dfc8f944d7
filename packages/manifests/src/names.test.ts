import { SLUG_MAX, slugSchema } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { BUILD_NAMESPACES, buildNamespaceOf } from './build-names.ts'
import { buildJobName, namespaceOf, secretName, workloadName } from './names.ts'

const DNS_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Every slug over a few characters up to a length, those with dashes in unlucky places among them. */
function slugs(alphabet: string, length: number): string[] {
  let words = ['']
  const all: string[] = []
  for (let n = 0; n < length; n++) {
    words = words.flatMap((word) => [...alphabet].map((letter) => word + letter))
    all.push(...words.filter((word) => slugSchema.safeParse(word).success))
  }
  return all
}

const LONG = [
  'a'.repeat(SLUG_MAX),
  `${'a'.repeat(SLUG_MAX - 2)}-a`,
  `a-${'a'.repeat(SLUG_MAX - 2)}`,
  `${'a'.repeat(SLUG_MAX - 1)}b`,
]
const SLUGS = [...slugs('a-1', 4), ...LONG]

describe('names', () => {
  it('of namespaces are DNS labels that no two environments share', () => {
    const seen = new Map<string, string>()
    for (const team of SLUGS)
      for (const project of SLUGS)
        for (const environment of SLUGS) {
          const name = namespaceOf(team, project, environment)
          const path = `${team}/${project}/${environment}`
          if (!DNS_LABEL.test(name) || seen.has(name)) {
            expect.fail(`${path} is called ${name}, as ${seen.get(name) ?? 'no label may be'}`)
          }
          seen.set(name, path)
        }
    expect(seen.size).toBe(SLUGS.length ** 3)
  })

  it('of workloads are DNS labels that no two processes of a namespace share', () => {
    const names = SLUGS.flatMap((app) => SLUGS.map((process) => workloadName(app, process)))
    expect(names.filter((name) => !DNS_LABEL.test(name))).toEqual([])
    expect(new Set(names).size).toBe(SLUGS.length ** 2)
  })

  it('of Secrets and build Jobs are DNS labels and differ by number', () => {
    const [app] = LONG
    const build = { team: app ?? '', project: app ?? '', environment: app ?? '', app: app ?? '' }
    const names = [
      secretName(build.app, 999_999_999),
      secretName(build.app, 99_999_999),
      buildJobName({ ...build, build: 999_999_999 }),
      buildJobName({ ...build, build: 99_999_999 }),
      buildJobName({ ...build, team: 'other', build: 999_999_999 }),
      buildJobName({ ...build, team: 'a', project: 'b', environment: 'c', app: 'd', build: 1 }),
    ]
    expect(names.filter((name) => !DNS_LABEL.test(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })

  it('read as people expect them where nothing is in the way', () => {
    expect(namespaceOf('acme', 'shop', 'production')).toBe('slipway-acme-shop-production')
    expect(namespaceOf('acme-inc', 'shop', 'production')).toBe('slipway-acme-inc-shop-production')
    expect(workloadName('api', 'web')).toBe('api-web')
    expect(secretName('api', 42)).toBe('api-v42')
  })

  it('never change: they are in clusters', () => {
    expect(namespaceOf('acme', 'shop-eu', 'production')).toMatchInlineSnapshot(
      `"slipway-acme-shop-eu-production-3onrh6ccw"`,
    )
    expect(workloadName('api', 'mail-queue')).toMatchInlineSnapshot(`"api-mail-queue-414da9wiz"`)
    expect(namespaceOf('a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40))).toMatchInlineSnapshot(
      `"slipway-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbb-6phe6ymc4"`,
    )
  })

  it('cannot be those of the cluster or of the builds', () => {
    const taken = new Set([
      'kube-node-lease',
      'kube-system',
      'kube-public',
      'default',
      ...Object.values(BUILD_NAMESPACES),
      buildNamespaceOf('native', { clusterKind: 'kubernetes', installation: 'a-a' }),
      buildNamespaceOf('dockerfile', { clusterKind: 'kubernetes', installation: 'aa' }),
    ])
    expect(taken).not.toContain(namespaceOf('kube', 'node', 'lease'))
    for (const team of [...SLUGS, 'builds', 'dockerfile']) expect(taken).not.toContain(namespaceOf(team, 'a', 'a'))
  })
})
