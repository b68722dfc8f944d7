import type { ProcessKind } from '@slipway/domain'
import type { ProcessRenderer } from './process.ts'
import { release } from './release.ts'
import { web } from './web.ts'
import { worker } from './worker.ts'

/** One file a kind of process; the compiler names the one that is missing. */
export const RENDERERS = { web, worker, release } as const satisfies Record<ProcessKind, ProcessRenderer>
