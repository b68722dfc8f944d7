/** Letters that are told apart at a glance and spell no words (RFC 8628, 6.1): 8 of them are 34 bits. */
export const DEVICE_CODE_ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
export const DEVICE_CODE_LENGTH = 8

/** The code as it is stored, from what a person typed: dashes, spaces and lower case do not matter. */
export function normalizeDeviceCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z]/g, '')
}

/** The code as terminal and page show it: `BCDF-GHJK`. */
export function formatDeviceCode(code: string): string {
  return `${code.slice(0, DEVICE_CODE_LENGTH / 2)}-${code.slice(DEVICE_CODE_LENGTH / 2)}`
}
