import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Without 0, 1, i, l and o, which look alike; 20 of these are 99 bits. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz'
const LENGTH = 20
const GROUP = 5

/**
 * The code that makes the first account, such as `k7m2p-…`. Derived from the secret key and the installation, so that every
 * replica and every restart knows the same one and none is stored; a new database has a new one.
 */
export function setupCodeOf(secretKey: string, installation: string): string {
  const bytes = new Uint8Array(hkdfSync('sha256', Buffer.from(secretKey, 'base64'), installation, 'setup code', LENGTH))
  const letters = Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')
  return (letters.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-')
}

/** Whether a person typed that code; dashes, spaces and upper case do not matter. Takes the same time for every wrong one. */
export function isSetupCode(given: string, code: string): boolean {
  return timingSafeEqual(digest(given), digest(code))
}

const digest = (code: string) =>
  createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest()

/** The page that makes the first account, with its code. */
export function setupUrlOf(publicUrl: string, code: string): string {
  return `${publicUrl}/setup?code=${code}`
}
