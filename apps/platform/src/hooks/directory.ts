import { type ConnectedSource, type Database, findSourceByHook } from '@slipway/db'
import { LRUCache } from 'lru-cache'
import { createFairLimiter } from '../server/fair-limiter.ts'

const MAX_HOOKS = 10_000
/** Hooks that are not remembered are looked up by a few connections at most, in turns of the addresses that ask. */
const LOOKUPS = { atOnce: 3, perKey: 2, waitingPerKey: 500, what: 'deliveries' }
/** A signature that does not match may be made with a newer secret than the one remembered: asked this often for a hook. */
const ASK_AGAIN_MS = 1000

export type HookSource = Pick<ConnectedSource, 'appId' | 'hookId' | 'host' | 'branch' | 'secret'>

/**
 * The webhooks by their ids, from memory: a delivery costs no query before its signature is known to be good. NOTIFY says when an app's
 * repository, secret or life changed.
 */
export interface HookDirectory {
  /** Null where there is no such hook. Throws `rate_limited`. */
  find(hookId: string, address: string): Promise<HookSource | null>
  /** As `find`, from the database where that was not asked just now. */
  findAgain(known: HookSource, address: string): Promise<HookSource | null>
  appChanged(appId: string): void
  /** Notifications may have been lost. */
  clear(): void
  stats(): { hooks: number; lookups: number; refused: number }
}

export function createHookDirectory(db: Database): HookDirectory {
  const hooks = new LRUCache<string, HookSource>({ max: MAX_HOOKS })
  const askedAtMs = new LRUCache<string, number>({ max: MAX_HOOKS })
  const lookups = createFairLimiter(LOOKUPS)
  let made = 0
  /** Grows with every change: what was read before one is not remembered. */
  let version = 0

  async function lookUp(hookId: string): Promise<HookSource | null> {
    const before = version
    made++
    const source = await findSourceByHook(db, hookId)
    if (source !== null && version === before) {
      const { appId, host, branch, secret } = source
      hooks.set(hookId, { appId, hookId, host, branch, secret })
    }
    return source
  }
  return {
    async find(hookId, address) {
      if (!/^[0-9a-f]{32}$/.test(hookId)) return null
      return hooks.get(hookId) ?? lookups.run(address, async () => hooks.get(hookId) ?? lookUp(hookId))
    },
    async findAgain(known, address) {
      const { hookId } = known
      if (Date.now() - (askedAtMs.get(hookId) ?? 0) < ASK_AGAIN_MS) return known
      askedAtMs.set(hookId, Date.now())
      return lookups.run(address, () => lookUp(hookId))
    },
    appChanged(appId) {
      version++
      for (const [hookId, source] of hooks.entries()) if (source.appId === appId) hooks.delete(hookId)
    },
    clear() {
      version++
      hooks.clear()
    },
    stats: () => ({ hooks: hooks.size, lookups: made, refused: lookups.stats().refused }),
  }
}
