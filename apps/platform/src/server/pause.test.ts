import { expect, test } from 'vitest'
import { createBell } from './pause.ts'

const HOURS_MS = 3_600_000
const never = new AbortController().signal

test('a bell ends a pause, also one that rang before', async () => {
  const bell = createBell()
  const waiting = bell.heard(HOURS_MS, never)
  bell.ring()
  await waiting
  bell.ring()
  bell.ring()
  await bell.heard(HOURS_MS, never)
  const order: string[] = []
  const third = bell.heard(HOURS_MS, never).then(() => order.push('heard'))
  await Promise.resolve()
  order.push('rang')
  bell.ring()
  await third
  expect(order).toEqual(['rang', 'heard'])
})

test('an aborted signal and the time end it, too', async () => {
  const bell = createBell()
  const abort = new AbortController()
  const waiting = bell.heard(HOURS_MS, abort.signal)
  abort.abort()
  await waiting
  await bell.heard(1, never)
})
