/** The end of the present turn of the event loop, at which something is done once for all who asked for it in the turn. */
export class Turn {
  readonly #work: () => void
  #timer: NodeJS.Immediate | null = null
  #waiting: PromiseWithResolvers<void> | null = null

  /** @param work is done at the end of each turn that was begun; it does not throw */
  constructor(work: () => void) {
    this.#work = work
  }

  begin(): void {
    this.#timer ??= setImmediate(() => {
      this.#work()
      this.#timer = null
      this.#settle()?.resolve()
    })
  }

  /** Resolves at the end of the turn, at once where none was begun; rejected where it failed. */
  ended(): Promise<void> {
    if (this.#timer === null) return Promise.resolve()
    this.#waiting ??= Promise.withResolvers<void>()
    return this.#waiting.promise
  }

  /** Tells those who wait. What is begun after that in the same turn has not failed. */
  fail(error: unknown): void {
    const waiting = this.#settle()
    waiting?.promise.catch(() => undefined)
    waiting?.reject(error)
  }

  /** Ends the turn without its work. */
  cancel(): void {
    if (this.#timer !== null) clearImmediate(this.#timer)
    this.#timer = null
    this.#settle()?.resolve()
  }

  #settle(): PromiseWithResolvers<void> | null {
    const waiting = this.#waiting
    this.#waiting = null
    return waiting
  }
}
