/**
 * Preloaded (`--import`) into every part: when the launcher is gone, in whatever way, its IPC channel closes, and the
 * part ends as on SIGTERM instead of holding its port and files for ever.
 */
const HARD_LIMIT_MS = 20_000

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.exit(1), HARD_LIMIT_MS).unref()
})
