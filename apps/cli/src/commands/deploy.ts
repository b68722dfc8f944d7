import type { Command } from 'commander'
import { parseCount } from '../parse.ts'
import { DEFAULT_TIMEOUT_SECONDS, finishRelease } from '../rollout.ts'
import { type Runtime, withApp } from '../runtime.ts'

interface DeployOptions {
  image: string
  command?: string
  wait: boolean
  timeout: number
}

export interface Exit {
  code: number
}

export function registerDeploy(program: Command, runtime: Runtime, exit: Exit): void {
  program
    .command('deploy')
    .description('Deploy an image as a new release, and wait until it is live')
    .requiredOption('-i, --image <reference>', 'image to run, such as nginx:1.29')
    .option('--command <line>', 'shell line to run in the image instead of its own command')
    .option('--no-wait', 'do not wait until it is live')
    .option('--timeout <seconds>', 'how long to wait', parseCount(1, 86_400), DEFAULT_TIMEOUT_SECONDS)
    .action((options: DeployOptions, command: Command) =>
      withApp(runtime, command, async (session, ref) => {
        const { image, command: line } = options
        const release = await session.api.release.deployImage.mutate({ ...ref, image, command: line })
        exit.code = await finishRelease(runtime, session, ref, release, options)
      }),
    )
}
