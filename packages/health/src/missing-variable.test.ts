import { describe, expect, it } from 'vitest'
import { missingVariable } from './missing-variable.ts'

describe('18 Repair where it hurts: the variable that a log names', () => {
  it.each([
    ['Error: DATABASE_URL is not set', 'DATABASE_URL'],
    ['\x1b[31mError: DATABASE_URL must be set\x1b[0m', 'DATABASE_URL'],
    ['Environment variable "API_KEY" is missing', 'API_KEY'],
    ['SECRET_KEY environment variable is required', 'SECRET_KEY'],
    ['Missing required environment variable: STRIPE_KEY', 'STRIPE_KEY'],
    ["KeyError: 'DATABASE_URL'", 'DATABASE_URL'],
    ['key not found: "SECRET_KEY_BASE" (KeyError)', 'SECRET_KEY_BASE'],
    [
      'django.core.exceptions.ImproperlyConfigured: Set the DJANGO_SECRET_KEY environment variable',
      'DJANGO_SECRET_KEY',
    ],
    ['Environment variable not found: "MAILER_DSN".', 'MAILER_DSN'],
    ['TOKEN is not set', 'TOKEN'],
  ])('%s', (line, name) => {
    expect(missingVariable('crashing', ['starting', line, 'npm error code 1'])).toBe(name)
  })

  it.each([
    'Error: connect ECONNREFUSED 127.0.0.1:5432',
    'ReferenceError: DATABASE_URL is not defined',
    'PORT is not set',
    'HTTP is required',
    'ERR_MODULE_NOT_FOUND: missing module ERR_MODULE_NOT_FOUND',
    'the variable database_url is not set',
    '',
  ])('none in: %s', (line) => expect(missingVariable('crashing', [line])).toBeNull())

  it('is not looked for where the cause is another', () => {
    expect(missingVariable('image_not_found', ['DATABASE_URL is not set'])).toBeNull()
  })

  it('takes the newest line, and long ones in no time', () => {
    expect(missingVariable('crashing', ['FIRST_ONE is not set', 'SECOND_ONE is not set'])).toBe('SECOND_ONE')
    expect(missingVariable('crashing', [`missing ${'A_'.repeat(100_000)}`, 'missing '.repeat(50_000)])).toBeNull()
  })
})
