import { expect, test, vi } from 'vitest'
import { decodeBase64 } from './base64.ts'
import { createTerminalSender, type SentInput } from './terminal-sender.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A server that takes input as the platform does, and loses answers or requests as it is told. */
function setup() {
  const typed: string[] = []
  const lost: number[] = []
  const calls: { session: string; input: SentInput; answer: PromiseWithResolvers<{ taken: boolean }> }[] = []
  const sender = createTerminalSender({
    writer: 'w',
    retryMs: 1,
    send(session, input) {
      const answer = Promise.withResolvers<{ taken: boolean }>()
      calls.push({ session, input, answer })
      return answer.promise
    },
    isOver: (error) => error === 'over',
    onLost: (count) => lost.push(count),
  })
  const taken = new Map<string, number>()
  /** Takes the call, whether or not the answer arrives. */
  const take = ({ session, input }: (typeof calls)[number]) => {
    const data = Buffer.from(decodeBase64(input.data)).toString()
    const fresh = data.slice((taken.get(session) ?? 0) - input.at)
    taken.set(session, input.at + data.length)
    if (fresh !== '') typed.push(fresh)
  }
  const call = (index: number) => vi.waitFor(() => calls[index] ?? Promise.reject(new Error(`no call ${index}`)))
  return { sender, typed, lost, calls, take, call }
}

test('what is typed while a piece is under way becomes the next one', async () => {
  const { sender, calls, call, take, typed } = setup()
  sender.type(bytes('a'))
  expect(calls).toEqual([])
  sender.connected('s1')
  sender.type(bytes('b'))
  sender.type(bytes('c'))
  const first = await call(0)
  take(first)
  first.answer.resolve({ taken: true })
  const second = await call(1)
  expect(second.input).toMatchObject({ at: 1, end: false })
  take(second)
  sender.end()
  second.answer.resolve({ taken: true })
  expect((await call(2)).input).toMatchObject({ at: 3, data: '', end: true })
  expect(typed).toEqual(['a', 'bc'])
})

test('an answer that was lost: the same piece again, typed once', async () => {
  const { sender, call, take, typed, lost } = setup()
  sender.connected('s1')
  sender.type(bytes('rm'))
  const first = await call(0)
  take(first)
  first.answer.reject('cut')
  const again = await call(1)
  expect(again.input).toEqual(first.input)
  take(again)
  again.answer.resolve({ taken: true })
  expect([typed, lost]).toEqual([['rm'], []])
})

test('another session: what was under way is dropped and counted, what waits goes there', async () => {
  const { sender, call, lost } = setup()
  sender.connected('s1')
  sender.type(bytes('lost'))
  const first = await call(0)
  sender.type(bytes('kept'))
  sender.connected('s2')
  first.answer.reject('cut')
  const next = await call(1)
  expect(next).toMatchObject({ session: 's2', input: { at: 0, data: btoa('kept') } })
  expect(lost).toEqual([4])
})

test('a session that is over takes nothing until the next one', async () => {
  const { sender, call, calls, lost } = setup()
  sender.connected('s1')
  sender.type(bytes('x'))
  ;(await call(0)).answer.reject('over')
  await vi.waitFor(() => expect(lost).toEqual([1]))
  sender.type(bytes('y'))
  expect(calls).toHaveLength(1)
  sender.connected('s2')
  expect((await call(1)).input).toMatchObject({ at: 0, data: btoa('y') })
})

test('what is not taken yet is sent again', async () => {
  const { sender, call } = setup()
  sender.connected('s1')
  sender.type(bytes('x'))
  ;(await call(0)).answer.resolve({ taken: false })
  expect((await call(1)).input).toMatchObject({ at: 0, data: btoa('x') })
  expect(sender.pendingBytes()).toBe(1)
})
