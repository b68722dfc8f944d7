import type { WriteContext } from '../core/request.ts'

/** A part of the housekeeping that runs. */
export interface Housekeeping {
  stop(): void
}

/** How the server's own parts write. */
export function systemContext(fieldManager: string): WriteContext {
  return { fieldManager, dryRun: false, fieldValidation: 'Ignore', warnings: [] }
}
