import { AppError } from '@slipway/domain'
import type { Command } from 'commander'
import { connect } from '../client.ts'
import { readCredentials, writeCredentials } from '../credentials.ts'
import { toAppError } from '../errors.ts'
import { answer, note, say } from '../io.ts'
import { type Runtime, SIGN_IN } from '../runtime.ts'
import { parseInstallationUrl } from '../url.ts'

/** Revokes the token that signing in made. One that was brought along stays valid: others may use it. */
async function logout(runtime: Runtime, options: { url?: string }): Promise<void> {
  const { env, io } = runtime
  const stored = await readCredentials(env.configDir)
  const named = options.url ?? env.url ?? stored.current
  const url = named ? parseInstallationUrl(named) : null
  const found = url ? stored.installations[url] : undefined
  if (!url || !found)
    throw new AppError('unauthenticated', `You are not signed in${url ? ` to ${url}` : ''}. ${SIGN_IN}`)
  if (found.tokenId) {
    const { api, close } = connect({ url, token: found.token })
    await api.token.revoke
      .mutate({ token: found.tokenId })
      .catch((error: unknown) => note(io, `The token could not be revoked: ${toAppError(error, url).message}`))
      .finally(close)
  }
  const { [url]: _gone, ...installations } = stored.installations
  const current = stored.current === url ? (Object.keys(installations)[0] ?? null) : stored.current
  await writeCredentials(env.configDir, { current, installations })
  answer(io, { url }, () => say(io, `Signed out of ${url}.`))
}

export function registerLogout(program: Command, runtime: Runtime): void {
  program
    .command('logout')
    .description('Sign out, and revoke the token of this machine')
    .option('--url <address>', 'which Slipway, where there are several')
    .action((options: { url?: string }) => logout(runtime, options))
}
