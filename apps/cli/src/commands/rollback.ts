import { AppError, type AppRef, fallbackOf } from '@slipway/domain'
import type { Command } from 'commander'
import type { Api } from '../client.ts'
import { parseCount, parseRelease } from '../parse.ts'
import { DEFAULT_TIMEOUT_SECONDS, finishRelease } from '../rollout.ts'
import { type Runtime, withApp } from '../runtime.ts'
import type { Exit } from './deploy.ts'

/** How far back the release that served before is looked for. */
const LOOK_BACK = 100

/** The newest release before the current one that was live. */
async function previousRelease(api: Api, ref: AppRef): Promise<number> {
  const { currentRelease } = await api.app.get.query(ref)
  if (currentRelease === null)
    throw new AppError('conflict', 'Nothing is deployed yet, so there is nothing to roll back to.')
  const { items } = await api.release.list.query({ ...ref, limit: LOOK_BACK })
  const found = fallbackOf(items, currentRelease)
  if (found === null)
    throw new AppError(
      'not_found',
      'No earlier release was live. Name the one to go back to: "slipway releases" lists them.',
    )
  return found
}

export function registerRollback(program: Command, runtime: Runtime, exit: Exit): void {
  program
    .command('rollback')
    .description('Go back to an earlier release: same image, same config, no build')
    .argument(
      '[release]',
      'release to go back to, such as v42 (default: the last one that was live before)',
      parseRelease,
    )
    .option('--no-wait', 'do not wait until it is live')
    .option('--timeout <seconds>', 'how long to wait', parseCount(1, 86_400), DEFAULT_TIMEOUT_SECONDS)
    .action((named: number | undefined, options: { wait: boolean; timeout: number }, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const target = named ?? (await previousRelease(session.api, ref))
        const release = await session.api.release.rollback.mutate({ ...ref, release: target })
        exit.code = await finishRelease(runtime, session, ref, release, options)
      }),
    )
}
