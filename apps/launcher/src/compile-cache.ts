import { enableCompileCache } from 'node:module'
import path from 'node:path'

/**
 * Preloaded (`--import`) into every part: what was compiled once is not compiled at the next start. Kept with the
 * dependencies, so that an upgrade begins anew, and not in the folder for temporary files, which others may write to.
 */
enableCompileCache(path.resolve(import.meta.dirname, '../../../node_modules/.cache/slipway'))
