import type { Picker, Upstream } from '@slipway/proxy'
import type { Route, RoutingTable } from './routes.ts'

/** More requests than this never wait at once. */
const MAX_HELD = 2_000
const RETRY_MS = 100

/** Ready endpoints in turn; where none is, those that drain; where some start, the request waits for them. */
export class EndpointPicker {
  readonly #table: RoutingTable
  readonly #holdMs: number
  #turn = 0
  #waiting = 0
  held = 0

  constructor(table: RoutingTable, holdMs: number) {
    this.#table = table
    this.#holdMs = holdMs
  }

  of(route: Route): Picker {
    const deadline = performance.now() + this.#holdMs
    const refusedKeys = new Set<string>()
    return async (refused, signal) => {
      if (refused !== null) refusedKeys.add(keyOf(refused))
      for (let first = true; ; first = false) {
        const { ready, draining, starting } = this.#table.endpoints(route)
        const open = ready.length > 0 ? ready : draining
        const untried = open.filter((upstream) => !refusedKeys.has(keyOf(upstream)))
        this.#turn += 1
        const chosen = untried[this.#turn % Math.max(1, untried.length)]
        if (chosen !== undefined) return chosen
        const leftMs = deadline - performance.now()
        // Endpoints that all refused are on their way out or back; nothing at all means that nothing will come.
        if (leftMs <= 0 || signal.aborted || open.length + starting === 0 || this.#waiting >= MAX_HELD) return null
        if (first) this.held += 1
        this.#waiting += 1
        await this.#table.changed(Math.min(leftMs, open.length > 0 ? RETRY_MS : 1_000))
        this.#waiting -= 1
        refusedKeys.clear()
      }
    }
  }
}

const keyOf = ({ host, port }: Upstream) => `${host}:${port}`
