import { describe, expect, it } from 'vitest'
import { slipwayFileSchema } from './build-settings.ts'
import { neededForRelease } from './needs.ts'
import { processesFileSchema, sizeInFile, withProcessesFile } from './process-file.ts'
import { describeProcessFile } from './settings-words.ts'
import { describeSize, SIZES } from './sizes.ts'

const web = { name: 'web', kind: 'web', command: ['sh', '-c', 'node a.js'] } as const
const found = [{ ...web, command: [...web.command] }]

describe('processes of slipway.yaml', () => {
  it('win over what was found by process and key, and are added where they are new', () => {
    const file = processesFileSchema.parse({
      web: { command: ['node', 'b.js'] },
      mail: { command: 'node mail.js' },
      admin: { kind: 'web', command: 'node admin.js' },
    })
    const merged = withProcessesFile(found, file)
    expect(merged).toEqual([
      { name: 'web', kind: 'web', command: ['node', 'b.js'] },
      { name: 'mail', kind: 'worker', command: ['sh', '-c', 'node mail.js'] },
      { name: 'admin', kind: 'web', command: ['sh', '-c', 'node admin.js'] },
    ])
    expect(withProcessesFile(merged, file)).toEqual(merged)
    expect(withProcessesFile(found, { web: { size: 'small' } })).toEqual(found)
    expect(withProcessesFile(found)).toEqual(found)
  })

  it.each([
    [{ Web: {} }, 'Web', 'lower-case'],
    [{ web: { comand: 'x' } }, 'web', 'comand'],
    [{ web: { kind: 'daemon' } }, 'web.kind', 'Use web'],
    [{ web: { size: 'huge' } }, 'web.size', 'Use nano'],
    [{ web: { size: { cpu: '1' } } }, 'web.size', 'both cpu and memory'],
    [{ web: { healthCheck: { path: 'healthz' } } }, 'web.healthCheck.path', 'such as /healthz'],
    [{ mail: { healthCheck: { path: '/' } } }, 'mail.healthCheck', 'Name the port'],
    [{ mail: { drainSeconds: 3 } }, 'mail.drainSeconds', 'nothing to drain'],
    [{ web: { stopTimeoutSeconds: 10, drainSeconds: 10 } }, 'web.drainSeconds', 'less than the 10 s'],
    [{ web: { instances: 101 } }, 'web.instances', ''],
    [{ web: { command: '' } }, 'web.command', 'shell line'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`p${n}`, {}])), '', 'at most 20'],
  ])('refuse %o', (file, path, words) => {
    const issue = processesFileSchema.safeParse(file).error?.issues[0]
    expect(issue?.path.join('.')).toBe(path)
    expect(JSON.stringify(issue)).toContain(words)
  })

  it('stay as they are when a stored file is read again', () => {
    const file = slipwayFileSchema.parse({ processes: { web: { size: { cpu: 0.5, memory: '700Mi' }, instances: 3 } } })
    expect(slipwayFileSchema.parse(structuredClone(file))).toEqual(file)
    expect(sizeInFile(file.processes?.web ?? {})).toEqual({ cpuMillis: 500, memoryMiB: 700 })
    expect(describeProcessFile(file, 'web')).toBe('size 500m CPU, 700Mi memory, 3 to begin with')
    expect(describeProcessFile(file, 'worker')).toBeNull()
  })
})

it('names a size that has a name', () => {
  expect(sizeInFile({ size: 'small' })).toEqual(SIZES.small)
  expect(describeSize(SIZES.small)).toBe('small')
})

it('reckons a release that resizes as a scaling does', () => {
  const scale = { instances: 2, ...SIZES.micro }
  const resized = new Map([['web', { instances: 2, ...SIZES.small }]])
  const needed = neededForRelease([web], [web], new Map([['web', scale]]), resized)
  // Twice the difference, and one instance of the new size beside them.
  expect(needed).toEqual({ cpuMillis: 2 * 150 + 250, memoryMiB: 2 * 256 + 512, instances: 1 })
})
