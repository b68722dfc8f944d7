import { AppError, type AppRef, appPath } from '@slipway/domain'
import type { Command } from 'commander'
import type { Api } from '../client.ts'
import { note } from '../io.ts'
import { parseCount, parseRelease } from '../parse.ts'
import { DEFAULT_TIMEOUT_SECONDS, finishRelease } from '../rollout.ts'
import { type Runtime, withApp } from '../runtime.ts'
import type { Exit } from './deploy.ts'

interface PromoteOptions {
  to: string
  release?: number
  create?: boolean
  wait: boolean
  timeout: number
}

/** The release that serves, where none was named. */
async function servingRelease(api: Api, ref: AppRef): Promise<number> {
  const { servingRelease: serving } = await api.app.get.query(ref)
  if (serving === null)
    throw new AppError('conflict', `Nothing of ${appPath(ref)} serves. Name a release with --release.`)
  return serving
}

export function registerPromote(program: Command, runtime: Runtime, exit: Exit): void {
  program
    .command('promote')
    .description('Run a release in another environment: the same image, with that environment’s config, no build')
    .requiredOption('--to <environment>', 'where it goes, such as production')
    .option('--release <release>', 'which one, such as v42 (default: the one that serves)', parseRelease)
    .option('--create', 'create the app there where it is missing, with the settings and sizes of this one')
    .option('--no-wait', 'do not wait until it is live')
    .option('--timeout <seconds>', 'how long to wait', parseCount(1, 86_400), DEFAULT_TIMEOUT_SECONDS)
    .action((options: PromoteOptions, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const { api } = session
        const release = options.release ?? (await servingRelease(api, ref))
        const input = { ...ref, release, to: options.to }
        const { missingConfig } = await api.release.planPromotion.query(input)
        if (missingConfig.length > 0) note(runtime.io, `Not set in ${options.to}: ${missingConfig.join(', ')}`)
        const procedure = options.create ? api.release.promoteToNew : api.release.promote
        const made = await procedure.mutate(input)
        exit.code = await finishRelease(runtime, session, made.app, made.release, options)
      }),
    )
}
