import type { ObjectDatabase } from './database.ts'

/** Longest time a finished write stays in the operating system's cache only. */
const upkeepAfterMs = 1000
/** More writes than this between two rounds of upkeep: somebody is at work. */
const busyWrites = 100

/** Flushes what was written, a moment after it was, and gives room back when nobody writes. */
export class Upkeep {
  readonly #db: ObjectDatabase
  readonly #commit: () => void
  #timer: NodeJS.Timeout | null = null
  #writes = 0

  /** @param commit is called before each round: there is no flushing within a transaction */
  constructor(db: ObjectDatabase, commit: () => void) {
    this.#db = db
    this.#commit = commit
  }

  /** Something was written. */
  note(): void {
    this.#writes += 1
    this.#plan()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => this.#round(), upkeepAfterMs).unref()
  }

  #round(): void {
    this.#timer = null
    this.#commit()
    this.#db.flush()
    // Room that is given back while somebody is at work would be taken again at once, and it costs time.
    const isBusy = this.#writes > busyWrites
    this.#writes = 0
    if (isBusy || this.#db.shrink()) this.#plan()
  }
}
