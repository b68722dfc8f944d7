import type { TestContext } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** What a test measured, in words, for the scoreboard of `npm run attacks`. */
    figure?: string
  }
}

/** Seconds since then, to a tenth: `1.2 s`. */
export const since = (startedAt: number) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`

/** Notes what a test measured. It asserts nothing: what must hold is an expectation beside it. */
export function noteFigure({ task }: TestContext, text: string): void {
  task.meta.figure = text
}
