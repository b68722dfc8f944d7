import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createAddressReader } from './client-address.ts'

function request(peer: string, forwarded?: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const message = new IncomingMessage(socket)
  if (forwarded !== undefined) message.headers['x-forwarded-for'] = forwarded
  return message
}

test.each([
  ['203.0.113.7', undefined, '203.0.113.7'],
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['127.0.0.1', 'forged, 198.51.100.1', '198.51.100.1'],
  ['127.0.0.1', '198.51.100.1, 127.0.0.2', '198.51.100.1'],
  ['127.0.0.1', 'not an address', '127.0.0.1'],
  ['10.0.0.1', '198.51.100.1', '10.0.0.1'],
])('behind loopback proxies: peer %s, forwarded %s → %s', (peer, forwarded, expected) => {
  expect(createAddressReader(['loopback'])(request(peer, forwarded))).toBe(expected)
})

test('in a cluster, private networks are trusted too', () => {
  const read = createAddressReader(['loopback', 'linklocal', 'uniquelocal'])
  expect(read(request('10.2.3.4', '198.51.100.1'))).toBe('198.51.100.1')
  expect(read(request('fd00::1', '2001:db8::7'))).toBe('2001:db8::7')
})

test('proxies can be named by address and block', () => {
  const read = createAddressReader(['192.0.2.0/24', '2001:db8::1'])
  expect(read(request('192.0.2.9', '198.51.100.1, 192.0.2.7'))).toBe('198.51.100.1')
  expect(read(request('2001:db8::1', '198.51.100.1'))).toBe('198.51.100.1')
  expect(read(request('127.0.0.1', '198.51.100.1'))).toBe('127.0.0.1')
})
