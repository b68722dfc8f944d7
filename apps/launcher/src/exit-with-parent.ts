import { flushCompileCache } from 'node:module'

/**
 * Preloaded (`--import`) into every part: when the launcher is gone, in whatever way, its IPC channel closes, and the
 * part ends as on SIGTERM instead of holding its port and files for ever.
 */
const HARD_LIMIT_MS = 20_000

/** By then a part has loaded what it loads; one that is killed writes nothing at its end. */
const COMPILED_AFTER_MS = 20_000
setTimeout(flushCompileCache, COMPILED_AFTER_MS).unref()

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), HARD_LIMIT_MS).unref()
})
