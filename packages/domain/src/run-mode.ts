/**
 * What a command that runs once is connected to: `output` has no input, the standard input of `input` is the caller's, `terminal`
 * has a terminal of its own (PTY).
 */
export const RUN_MODES = ['output', 'input', 'terminal'] as const
export type RunMode = (typeof RUN_MODES)[number]

/** A terminal ends when nothing was typed or printed for so long. */
export const TERMINAL_IDLE_MINUTES = 30
