import { expect, test } from 'vitest'
import type { ProcessDefinition } from './process.ts'
import { processDifferences } from './process-differences.ts'

const web: ProcessDefinition = { name: 'web', kind: 'web', command: ['/bin/sh', '-c', 'npm start'] }
const worker: ProcessDefinition = { name: 'worker', kind: 'worker', command: ['node', 'work er.js'] }

test('what is the same is left out', () => expect(processDifferences([web, worker], [worker, { ...web }])).toEqual([]))

test('a process that comes and one that goes are told whole', () => {
  expect(processDifferences([web], [worker])).toEqual([
    {
      name: 'web',
      change: 'removed',
      fields: [
        { field: 'command', before: 'npm start', after: null },
        { field: 'kind', before: 'web', after: null },
      ],
    },
    {
      name: 'worker',
      change: 'added',
      fields: [
        { field: 'command', before: null, after: 'node "work er.js"' },
        { field: 'kind', before: null, after: 'worker' },
      ],
    },
  ])
})

test('every field of a definition is compared, with its unit', () => {
  expect(processDifferences([{ ...web, command: null }], [{ ...web, startTimeoutSeconds: 180 }])).toEqual([
    {
      name: 'web',
      change: 'changed',
      fields: [
        { field: 'command', before: 'the image’s own', after: 'npm start' },
        { field: 'start timeout', before: null, after: '180 s' },
      ],
    },
  ])
})
