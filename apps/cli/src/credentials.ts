import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@slipway/domain'
import { z } from 'zod'

const installation = z.object({ token: z.string(), tokenId: z.string().nullable(), email: z.string() })
const file = z.object({
  /** Address of the installation that was signed in to last. */
  current: z.string().nullable(),
  installations: z.record(z.string(), installation),
})

export type Credentials = z.infer<typeof file>

const NONE: Credentials = { current: null, installations: {} }

export function credentialsPath(configDir: string): string {
  return path.join(configDir, 'credentials.json')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/**
 * What was stored at sign-in. Takes away other people's right to read the file where they have any. Throws
 * `invalid_input` when it cannot be understood.
 */
export async function readCredentials(configDir: string): Promise<Credentials> {
  const name = credentialsPath(configDir)
  let text: string
  try {
    text = await readFile(name, 'utf8')
  } catch (error) {
    if (isMissing(error)) return NONE
    throw error
  }
  if (((await stat(name)).mode & 0o077) !== 0) await chmod(name, 0o600)
  const parsed = file.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  throw new AppError('invalid_input', `${name} cannot be understood. Delete it and sign in again with "slipway login".`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // The schema refuses it, and says what to do.
  }
}

/** Stores the credentials, readable by this user alone. Written beside and renamed, so that no reader sees half of it. */
export async function writeCredentials(configDir: string, credentials: Credentials): Promise<void> {
  await mkdir(configDir, { recursive: true, mode: 0o700 })
  const name = credentialsPath(configDir)
  const beside = `${name}.${process.pid}.tmp`
  await writeFile(beside, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await rename(beside, name)
}
