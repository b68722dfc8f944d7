import { expect, test } from 'vitest'
import { createFieldCipher } from './encryption.ts'

const oldKey = Buffer.alloc(32, 1).toString('base64')
const newKey = Buffer.alloc(32, 2).toString('base64')

test('what was encrypted comes back, differently each time', () => {
  const cipher = createFieldCipher(oldKey)
  const first = cipher.encrypt('pässword', 'app 1')
  expect(first).not.toContain('pässword')
  expect(cipher.encrypt('pässword', 'app 1')).not.toBe(first)
  expect(cipher.decrypt(first, 'app 1')).toBe('pässword')
  expect(cipher.decrypt(cipher.encrypt('', 'app 1'), 'app 1')).toBe('')
})

test('a ciphertext does not open in another place, nor when a bit of it was changed', () => {
  const cipher = createFieldCipher(oldKey)
  const text = cipher.encrypt('secret', 'app 1')
  expect(() => cipher.decrypt(text, 'app 2')).toThrow('belongs to another place')
  const parts = text.split('.')
  const data = Buffer.from(parts[3] ?? '', 'base64url')
  data.writeUInt8(data.readUInt8(0) ^ 1, 0)
  parts[3] = data.toString('base64url')
  expect(() => cipher.decrypt(parts.join('.'), 'app 1')).toThrow('was changed')
  expect(() => cipher.decrypt('v1.nonsense', 'app 1')).toThrow('malformed')
})

test('a new key reads what an old one wrote, as long as it is named; without it the message names the key', () => {
  const text = createFieldCipher(oldKey).encrypt('secret', 'app 1')
  expect(createFieldCipher(newKey, [oldKey]).decrypt(text, 'app 1')).toBe('secret')
  const keyId = text.split('.')[1] ?? ''
  expect(() => createFieldCipher(newKey).decrypt(text, 'app 1')).toThrow(keyId)
})

test('a key of another length is refused with the way to make one', () => {
  expect(() => createFieldCipher(Buffer.alloc(16).toString('base64'))).toThrow('openssl rand -base64 32')
})
