import { isExecutable } from '../../types/programs.ts'

const PLACES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Whether the machine lacks a program that tests need, or root; CI has all of them. @throws Error in CI */
export function missingPrograms(names: readonly string[]): boolean {
  const missing = names.filter((name) => !PLACES.some((place) => isExecutable(`${place}/${name}`)))
  if (process.getuid?.() !== 0) missing.push('root')
  if (missing.length > 0 && process.env.CI) throw new Error(`CI lacks ${missing.join(', ')}`)
  return missing.length > 0
}
