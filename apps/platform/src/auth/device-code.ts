import { randomInt } from 'node:crypto'
import { DEVICE_CODE_ALPHABET, DEVICE_CODE_LENGTH } from '@slipway/domain'

/** A code for a person to compare, without its dash: 34 random bits, for ten minutes and few tries. */
export function newDeviceCode(): string {
  return Array.from(
    { length: DEVICE_CODE_LENGTH },
    () => DEVICE_CODE_ALPHABET[randomInt(DEVICE_CODE_ALPHABET.length)],
  ).join('')
}
