/** Ids of one read at most. */
const MAX_IDS = 500

/** Reads rows again, many ids with one statement: what is asked for during a read waits for the next one. */
export interface Renewals {
  /** Resolves when what the row was after this call has been applied. Null: every row. */
  request(ids: readonly string[] | null): Promise<void>
}

interface Round {
  ids: Set<string>
  all: boolean
  done: PromiseWithResolvers<void>
}

const newRound = (): Round => ({ ids: new Set(), all: false, done: Promise.withResolvers() })

/** `read` is never called again before it has ended; what it throws is the answer of those who asked. */
export function createRenewals(read: (ids: readonly string[] | null) => Promise<void>): Renewals {
  let next = newRound()
  let running = false

  async function run(): Promise<void> {
    running = true
    while (next.all || next.ids.size > 0) {
      const round = next
      next = newRound()
      try {
        await read(round.all ? null : [...round.ids])
        round.done.resolve()
      } catch (error) {
        round.done.reject(error)
      }
    }
    running = false
  }

  return {
    request(ids) {
      if (ids?.length === 0) return Promise.resolve()
      if (ids === null) next.all = true
      else for (const id of ids) next.ids.add(id)
      // More than a page of them is as much as all.
      if (next.ids.size > MAX_IDS) next.all = true
      const { promise } = next.done
      if (!running) void run()
      return promise
    },
  }
}
