import { timingSafeEqual } from 'node:crypto'
import type { PullCredential } from '@slipway/domain'
import type { TokenKey } from './token-key.ts'

/** Whom the platform makes credentials for, and what their user is called. */
export type RegistryUser = 'build' | 'environment'

/**
 * Credentials for our own registry. They come of the installation's key and of whose they are, so every process knows them and
 * nothing is stored; what they may do is asked of the database whenever they are used.
 */
export interface RegistryCredentials {
  /** An entry for each name that our registry is reached by. */
  of(user: RegistryUser, id: string): PullCredential[]
  /** Whose they are; null: they were not made here. */
  read(username: string, password: string): { user: RegistryUser; id: string } | null
}

/** @param hosts names of the registry, in references and for pushes */
export function createRegistryCredentials(key: TokenKey, hosts: readonly string[]): RegistryCredentials {
  const passwordOf = (user: RegistryUser, id: string) => `${id}.${key.macOf(`${user}:${id}`)}`
  return {
    of: (user, id) => hosts.map((host) => ({ host, username: user, password: passwordOf(user, id) })),
    read(user, password) {
      if (user !== 'build' && user !== 'environment') return null
      const id = /^([0-9a-f-]{36})\./.exec(password)?.[1]
      return id !== undefined && isSame(password, passwordOf(user, id)) ? { user, id } : null
    },
  }
}

export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
