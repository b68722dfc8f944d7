import { expect, it } from 'vitest'
import { actionByLog } from './listening-hint.ts'

const why = {
  sentence: 'The web process does not accept connections on PORT 8080.',
  cause: 'The process does not accept connections on PORT 8080.',
  action: 'Make it listen on 0.0.0.0.',
  reason: 'StartupProbeFailed',
  process: 'web',
  instance: 'web-1',
  log: null,
  detail: null,
  repairs: [],
}

it.each([
  'Server listening on http://localhost:3000',
  'listening on 3000',
  ' * Running on http://127.0.0.1:5000',
  'App started, port: 4000',
  '- Local: http://localhost:3000',
  'Listening at http://[::1]:8080/',
])('quotes what the log says: %s', (line) => {
  expect(actionByLog(why, ['warming', `\u001b[32m${line}\u001b[0m`, 'ready for work'])).toBe(
    `Its log says “${line.trim()}”. Make it listen on 0.0.0.0.`,
  )
})

it('says nothing of other lines, nor about other causes', () => {
  expect(actionByLog(why, ['warming', 'took 3000 ms', 'connected to redis:6379'])).toBe(why.action)
  expect(actionByLog({ ...why, reason: 'CrashLoopBackOff' }, ['listening on 3000'])).toBe(why.action)
})
