import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, type DeviceLoginStarted, type NewTokenView, type TokenScope } from '@slipway/domain'
import { openInBrowser } from './browser.ts'
import type { Api } from './client.ts'
import { toAppError } from './errors.ts'
import { paint } from './io.ts'
import type { Runtime } from './runtime.ts'

export interface DeviceLoginOptions {
  url: string
  /** False prints the address only. */
  browser: boolean
  scope: TokenScope
  days: number
}

/** What a person has to do. Not the command's answer, so it goes to standard error, with --json too: nothing goes on without it. */
async function showCode(runtime: Runtime, { code, url }: DeviceLoginStarted, browser: boolean): Promise<void> {
  const { io } = runtime
  const address = `${url}?code=${code}`
  const tell = (line: string) => io.stderr.write(`${line}\n`)
  tell(`Your code: ${paint(io, 'bold', code)}`)
  const opened = browser && (await openInBrowser(runtime, address))
  if (opened) tell(`Opening ${address}`)
  else tell(`Open this address in a browser, on any computer:\n  ${address}`)
  tell('Approve it there if the page shows the same code. It expires in 10 minutes; Ctrl-C stops waiting.')
}

/** True for answers after which the next poll may do better: the platform restarts, or many ask. */
const isTransient = (error: AppError) => error.code === 'unavailable' || error.code === 'rate_limited'

/** The next answer; null where none came. */
function pollOnce(api: Api, secret: string, url: string) {
  return api.device.poll.mutate({ secret }).catch((error: unknown) => {
    const known = toAppError(error, url)
    if (isTransient(known)) return null
    throw known
  })
}

/**
 * Signs in through a browser (RFC 8628): asks for a code, has a person approve it in the console, and answers the token.
 * Throws `forbidden` when it is refused, `unauthenticated` when the code expires.
 */
export async function loginThroughBrowser(
  runtime: Runtime,
  api: Api,
  { url, browser, scope, days }: DeviceLoginOptions,
): Promise<NewTokenView> {
  const computer = hostname().slice(0, 80) || 'unnamed computer'
  const started = await api.device.start.mutate({ computer, scope, expiresInDays: days })
  await showCode(runtime, started, browser)
  const endsAtMs = runtime.nowMs() + started.expiresInSeconds * 1000
  let { intervalSeconds } = started
  while (runtime.nowMs() < endsAtMs) {
    await sleep(intervalSeconds * 1000, undefined, { signal: runtime.signal })
    const answer = await pollOnce(api, started.secret, url)
    if (answer === null) continue
    if (answer.status === 'approved') return answer.token
    if (answer.status === 'refused') throw new AppError('forbidden', 'The sign-in was refused in the browser.')
    if (answer.status === 'expired') break
    intervalSeconds = answer.intervalSeconds
  }
  throw new AppError('unauthenticated', 'The code has expired. Run "slipway login" again for a new one.')
}
