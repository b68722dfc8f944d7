import type { BuildToRender } from './build-to-render.ts'
import { appLabels, LABELS } from './labels.ts'

/** Labels of everything that belongs to one build. */
export function buildLabels(build: BuildToRender): Record<string, string> {
  return {
    ...appLabels(build),
    [LABELS.component]: 'build',
    [LABELS.build]: String(build.build),
    ...(build.installation === null ? {} : { [LABELS.installation]: build.installation }),
  }
}
