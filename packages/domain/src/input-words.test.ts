import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldLabel } from './index.ts'
import { createAppInput, scaleInput } from './inputs/app.ts'

function problems(schema: z.ZodType, input: unknown): string[] {
  const parsed = schema.safeParse(input)
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${fieldLabel(path.join('.'))}: ${message}`)
}

const app = { team: 'acme', project: 'shop', environment: 'production', app: 'web' }

test('no input is refused in the words of a validator', () => {
  expect(problems(createAppInput, app)).toEqual(['Source: This is required.'])
  expect(problems(scaleInput, { ...app, processes: [{ name: 'web', instances: 101, cpuMillis: 1.5 }] })).toEqual([
    'Instances: Use at most 100.',
    'CPU in millicores: Enter a whole number.',
  ])
  expect(problems(scaleInput, { ...app, processes: 'web=2' })).toEqual(['Processes: Give a list.'])
  expect(problems(scaleInput, { ...app, processes: [] })).toEqual(['Processes: Use at least 1 entry.'])
  expect(problems(z.object({ role: z.enum(['admin', 'viewer']) }), { role: 'king' })).toEqual([
    'Role: Choose one of admin, viewer.',
  ])
  expect(problems(z.strictObject({}), { extra: 1 })).toEqual([': Remove extra: not recognised here.'])
})

test('fields are called as people call them', () => {
  expect(['', 'processes.0.memoryMiB', 'set.DATABASE_URL', 'accessToken'].map(fieldLabel)).toEqual([
    '',
    'Memory in MiB',
    'DATABASE_URL',
    'Access token',
  ])
})
