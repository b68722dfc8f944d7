import type { BuildView } from '@slipway/domain'

/** How a build came about, after "Ada, ". */
export const TRIGGER_WORDS: Record<BuildView['trigger'], string> = {
  push: 'by git push',
  webhook: 'by webhook',
  manual: 'deployed again',
}
