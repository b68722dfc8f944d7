import { describe, expect, it } from 'vitest'
import { reported, startedBy, startsIn } from './process-file.ts'

const web = { name: 'web', kind: 'web', command: ['sh', '-c', 'node a.js'] } as const
const found = [{ ...web, command: [...web.command] }]

describe('processes of slipway.yaml in a build', () => {
  it('stand for a Procfile where they start the web process', () => {
    expect(startsIn({}, null)).toBeNull()
    expect(startsIn({ mail: { command: 'node mail.js' } }, null)).toBeNull()
    expect(startsIn({ web: { command: 'node b.js' } }, null)).toEqual([
      { name: 'web', kind: 'web', command: ['sh', '-c', 'node b.js'] },
    ])
  })

  it('need a command in an image that has none of its own', () => {
    expect(startedBy(found, { mail: { command: 'node mail.js' } }).map(({ name }) => name)).toEqual(['web', 'mail'])
    expect(() => startedBy(found, { mail: {} })).toThrow('slipway.yaml names the process mail, but not its command.')
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}`, { command: 'x' }]))
    expect(() => startedBy(found, many)).toThrow('name 21 processes together')
  })

  it('are reported without the commands that the file has', () => {
    expect(reported(found, { web: { command: 'node b.js' }, mail: { command: 'x' } })).toEqual([
      { name: 'web', kind: 'web', command: null },
      { name: 'mail', kind: 'worker', command: null },
    ])
    expect(reported(found, {})).toEqual(found)
  })
})
