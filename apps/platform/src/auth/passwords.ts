import { hash, verify } from '@node-rs/argon2'

/** argon2id with 19 MiB, two passes, one lane: the OWASP password storage minimum. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** argon2id hash as a PHC string; the library's default algorithm is argon2id. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS)
}

/** Verified against when there is no such account, so that the answer takes as long as for one. */
let decoy: Promise<string> | undefined

/** True when the password is the account's. `passwordHash` null (no such account) takes the same time and is false. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hashPassword('no account has this password')
  const matches = await verify(passwordHash ?? (await decoy), password)
  return passwordHash !== null && matches
}
