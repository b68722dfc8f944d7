import type { BaseImage } from './base.ts'

/** What is built, as the image's labels say it. */
export interface BuildIdentity {
  /** `team/project/environment/app` */
  app: string
  number: string
  /** Empty where it is not known. */
  commit: string
}

/** Runs on the programs of the machine that it is started on, below the image's own files. */
const PROCESS_RUNTIME = 'process/1'

/** Labels of a built image. Reference: https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export function labelsOf({ app, number, commit }: BuildIdentity, base: BaseImage | null): Record<string, string> {
  return {
    ...(commit === '' ? {} : { 'org.opencontainers.image.revision': commit }),
    'dev.slipway.app': app,
    'dev.slipway.build': number,
    'dev.slipway.base': base?.reference ?? 'none',
    ...(base === null ? { 'dev.slipway.runtime': PROCESS_RUNTIME } : {}),
  }
}
