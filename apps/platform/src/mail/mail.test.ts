import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type ApiServer, startApiServer } from '../api/testing/api-server.ts'
import { callAs, errorOf } from '../api/testing/callers.ts'
import { createAccount } from '../api/testing/place.ts'
import { createMailer, type Mailer } from './mailer.ts'

/** `vi.waitFor` waits for a second otherwise, which a busy machine may need longer than. */
const PATIENCE_MS = 60_000

const received: { to: string[]; text: string }[] = []
let refusal: string | null = null
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, done) {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      if (refusal !== null) return done(Object.assign(new Error(refusal), { responseCode: 451 }))
      const to = session.envelope.rcptTo.map(({ address }) => address)
      received.push({ to, text: Buffer.concat(chunks).toString('utf8').replace(/=\r\n/g, '') })
      done()
    })
  },
})
let server: ApiServer
let mailer: Mailer | null
const failures: unknown[] = []

beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  const { port } = smtp.server.address() as AddressInfo
  mailer = await createMailer({ mail: { smtpUrl: `smtp://127.0.0.1:${port}`, from: 'slipway@example.com' } })
  server = await startApiServer()
  await createAccount(server, 'lost@example.com')
})
afterAll(async () => {
  mailer?.close()
  await server?.stop()
  await new Promise<void>((resolve) => smtp.close(resolve))
})
beforeEach(() => {
  received.length = 0
  failures.length = 0
  refusal = null
})

const anonymous = (address = '192.0.2.1') => {
  const ports = { ...server.dependencies.ports, mailer, onMailFailure: (error: unknown) => failures.push(error) }
  return callAs({ ...server, dependencies: { ...server.dependencies, ports } }, null, address)
}

test('a forgotten password is set anew with the link of a mail, which works once', async () => {
  await anonymous().reset.request({ email: 'Lost@example.com' })
  await vi.waitFor(() => expect(received).toHaveLength(1), PATIENCE_MS)
  const [mail] = received
  expect(mail?.to).toEqual(['lost@example.com'])
  expect(mail?.text).toContain('From: Slipway <slipway@example.com>')
  const token = /\/reset\/([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
  await anonymous().reset.use({ token, password: 'a password that stays' })
  expect((await errorOf(anonymous().reset.get({ token }))).code).toBe('not_found')
  const signedIn = await anonymous().session.verifyPassword({
    email: 'lost@example.com',
    password: 'a password that stays',
  })
  expect(signedIn.email).toBe('lost@example.com')
})

test('an unknown address is answered alike, and gets no mail', async () => {
  expect(await anonymous('192.0.2.2').reset.request({ email: 'nobody@example.com' })).toBeUndefined()
  expect(await anonymous('192.0.2.2').reset.request({ email: 'lost@example.com' })).toBeUndefined()
  await vi.waitFor(() => expect(received).toHaveLength(1), PATIENCE_MS)
  expect(received[0]?.to).toEqual(['lost@example.com'])
})

test('a mailbox is not filled through us, nor are many from one network', async () => {
  await createAccount(server, 'flooded@example.com')
  for (let n = 0; n < 8; n++) await anonymous(`198.51.100.${n}`).reset.request({ email: 'flooded@example.com' })
  await vi.waitFor(() => expect(received).toHaveLength(5), PATIENCE_MS)
  for (let n = 0; n < 10; n++) await anonymous('203.0.113.9').reset.request({ email: `n${n}@example.com` })
  const { code } = await errorOf(anonymous('203.0.113.9').reset.request({ email: 'lost@example.com' }))
  expect(code).toBe('rate_limited')
  expect(received).toHaveLength(5)
})

test('a mail that the server refuses is told to the operator, and not to who asked', async () => {
  refusal = 'the disk is full'
  await createAccount(server, 'later@example.com')
  await anonymous('192.0.2.3').reset.request({ email: 'later@example.com' })
  await vi.waitFor(() => expect(String(failures[0])).toContain('the disk is full'), PATIENCE_MS)
})

test('without a mail server the way is another one, in words', async () => {
  const { code, message } = await errorOf(callAs(server, null).reset.request({ email: 'lost@example.com' }))
  expect(code).toBe('unavailable')
  expect(message).toContain('Ask an operator')
  expect((await callAs(server, null).setup.status()).capabilities.mail).toBe(false)
})

test('credentials are not sent to a server that does not encrypt', async () => {
  const { port } = smtp.server.address() as AddressInfo
  const open = await createMailer({
    mail: { smtpUrl: `smtp://user:hush@127.0.0.1:${port}`, from: 'slipway@example.com' },
  })
  await expect(open?.verify()).rejects.toThrow(/STARTTLS|TLS/)
  open?.close()
})
