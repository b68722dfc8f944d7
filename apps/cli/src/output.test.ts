import { PassThrough } from 'node:stream'
import { APP_ERROR_CODES, AppError } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { describeCertificate } from './certificate.ts'
import { formatLine } from './commands/logs.ts'
import { readEnv } from './env.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { answer, type Io, note, reportError, table } from './io.ts'
import { age, ago } from './time.ts'

function terminal(options: Partial<Io> = {}) {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })]
  const plain = { json: false, color: false, verbose: false, interactive: false, piped: false }
  const io: Io = { stdin: new PassThrough(), stdout, stderr, ...plain, ...options }
  return { io, out: () => stdout.read() ?? '', err: () => stderr.read() ?? '' }
}

describe('answers', () => {
  it('are tables for people: aligned, also where cells are coloured', () => {
    const { io, out } = terminal()
    table(
      io,
      ['APP', 'N'],
      [
        ['a', '1'],
        ['\u001b[32mlonger\u001b[39m', '2'],
      ],
    )
    expect(out().replaceAll('\u001b[32m', '').replaceAll('\u001b[39m', '')).toBe('APP     N\na       1\nlonger  2\n')
  })

  it('are nothing but JSON with --json', () => {
    const { io, out, err } = terminal({ json: true })
    note(io, 'a remark')
    answer(io, { a: 1 }, () => expect.fail('no words are asked for'))
    expect(JSON.parse(out())).toEqual({ a: 1 })
    expect(err()).toBe('')
  })

  it('are errors with what to do, or as JSON with their code', () => {
    const error = new AppError('not_found', 'There is no app x.', { app: 'x' })
    const plain = terminal()
    reportError(plain.io, error, 'Do this.')
    expect(plain.err()).toBe('Error: There is no app x.\nDo this.\n')
    const json = terminal({ json: true })
    reportError(json.io, error, 'Do this.')
    expect(JSON.parse(json.err())).toEqual({
      error: { code: 'not_found', message: 'There is no app x.', details: { app: 'x' } },
    })
    expect([plain.out(), json.out()]).toEqual(['', ''])
  })
})

describe('log lines', () => {
  const line = {
    at: '2026-11-24T04:10:37.123456789Z',
    process: 'web',
    instance: 'shop-web-6cf-x7k2p',
    release: 3,
    text: '\u001b[31mred\u001b[0m \u001b]0;title\u0007',
  }

  it('say when, which process and which instance', () => {
    expect(formatLine(terminal().io, line)).toBe('2026-11-24T04:10:37.123Z web[x7k2p] red ')
  })

  it('keep their colours on a terminal, and nothing else that steers it', () => {
    const shown = formatLine(terminal({ color: true }).io, {
      ...line,
      text: `${line.text}\u001b[2J\u001b[H\tok\r\u0008`,
    })
    expect(shown).toContain('\u001b[31mred\u001b[0m \tok\u001b[0m')
    expect(shown).not.toMatch(/title|\[2J|\[H/)
    expect([...shown].filter((letter) => letter === '\r' || letter === '\b')).toEqual([])
  })
})

describe('exit codes', () => {
  it('stand for every error code, and never for success', () => {
    for (const code of APP_ERROR_CODES) expect(Object.values(EXIT)).toContain(exitCodeOf(code))
    expect(APP_ERROR_CODES.map(exitCodeOf)).not.toContain(0)
  })
})

describe('times', () => {
  const nowMs = Date.parse('2026-11-24T12:00:00Z')
  it('are relative', () => {
    expect(ago('2026-11-24T11:57:00Z', nowMs)).toBe('3 minutes ago')
    expect(ago('2026-11-24T12:00:05Z', nowMs)).toBe('0 seconds ago')
    expect(ago(null, nowMs)).toBe('-')
  })
  it('are ages as kubectl writes them', () => {
    expect(['11:59:15', '11:40:00', '06:00:00'].map((time) => age(`2026-11-24T${time}Z`, nowMs))).toEqual([
      '45s',
      '20m',
      '6h',
    ])
    expect(age('2026-11-20T12:00:00Z', nowMs)).toBe('4d')
  })
})

describe('certificates', () => {
  const nowMs = Date.parse('2026-11-24T12:00:00Z')
  const none = { message: null, expiresAt: null, renewsAt: null }
  it.each([
    [{ ...none, state: 'Issued', expiresAt: '2027-02-22T12:00:00Z' }, 'Issued, expires in 90 days'],
    [{ ...none, state: 'Issuing', message: 'Waiting for the issuer.' }, 'Issuing: Waiting for the issuer.'],
    [
      { ...none, state: 'Failed', message: 'It has expired.', expiresAt: '2026-11-24T11:00:00Z' },
      'Failed, expired 1 hour ago: It has expired.',
    ],
  ] as const)('are %j', (certificate, words) => {
    expect(describeCertificate(terminal().io, certificate, nowMs)).toBe(words)
  })
})

describe('the environment', () => {
  it('is read with empty values as unset', () => {
    expect(readEnv({ SLIPWAY_URL: '', XDG_CONFIG_HOME: '/x', NO_COLOR: '1' })).toMatchObject({
      url: null,
      token: null,
      configDir: '/x/slipway',
      color: false,
    })
  })
  it('is refused with the name of the variable', () => {
    expect(() => readEnv({ SLIPWAY_TOKEN: 'secret' })).toThrow(/^SLIPWAY_TOKEN is not valid/)
  })
})
