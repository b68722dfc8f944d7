import { AppError, type AppRef } from '@slipway/domain'
import type { Command } from 'commander'
import { deployFolder } from '../deploy-folder.ts'
import { parseCount } from '../parse.ts'
import { DEFAULT_TIMEOUT_SECONDS, finishRelease } from '../rollout.ts'
import { type Runtime, type Session, withApp } from '../runtime.ts'

interface DeployOptions {
  image?: string
  command?: string
  wait: boolean
  timeout: number
}

export interface Exit {
  code: number
}

async function deployImage(
  runtime: Runtime,
  session: Session,
  ref: AppRef,
  image: string,
  options: DeployOptions,
): Promise<number> {
  const release = await session.api.release.deployImage.mutate({ ...ref, image, command: options.command })
  return finishRelease(runtime, session, ref, release, options)
}

/** `slipway deploy`: an image by its reference, or a folder as it is on disk. */
export function registerDeploy(program: Command, runtime: Runtime, exit: Exit): void {
  program
    .command('deploy')
    .description('Deploy a folder or an image as a new release, and wait until it is live')
    .argument('[folder]', 'folder to deploy as it is, such as .')
    .option('-i, --image <reference>', 'image to run, such as nginx:1.29')
    .option('--command <line>', 'shell line to run in the image instead of its own command')
    .option('--no-wait', 'do not wait until it is live')
    .option('--timeout <seconds>', 'how long to wait', parseCount(1, 86_400), DEFAULT_TIMEOUT_SECONDS)
    .action((folder: string | undefined, options: DeployOptions, command: Command) => {
      const { image } = options
      if ((folder === undefined) === (image === undefined))
        throw new AppError(
          'invalid_input',
          'Say what to deploy: a folder ("slipway deploy .") or an image (--image nginx:1.29).',
        )
      return withApp(runtime, command, async (session, ref) => {
        exit.code =
          image === undefined
            ? await deployFolder(runtime, session, ref, folder ?? '.', options)
            : await deployImage(runtime, session, ref, image, options)
      })
    })
}
