import type { WantedApp } from '@slipway/db'
import type { AppSummary } from '@slipway/domain'
import type { ObservedApp } from './observed.ts'
import { sharedJsonOf, shareJson } from './shared-json.ts'
import type { SharedAppView } from './view.ts'

/** How the halves of an app become what is shown of it. */
export interface Renderers {
  observe(app: WantedApp, tail: readonly string[]): ObservedApp
  summary(app: WantedApp, observed: ObservedApp): AppSummary
  view(app: WantedApp, observed: ObservedApp): SharedAppView
}

/** What computing and writing cost, since the start. */
export interface EntryCounters {
  healthComputations: number
  serialisations: number
}

/** Something that is computed when it is read, again only after a change, and stays the same object while its JSON does. */
interface Derived<T> {
  value: T | null
  isCurrent: boolean
}

export interface EntryParts {
  renderers: Renderers
  counters: EntryCounters
  /** Called when time alone may have changed what is observed. */
  onTime(id: string): void
}

/** One app: its wanted half, and what follows from it and the cluster. All of it is computed when it is read, once a change. */
export class AppEntry {
  #wanted: WantedApp
  /** The last lines of the failed build or release command that is the app's own trouble. */
  #tail: readonly string[]
  readonly #parts: EntryParts
  readonly #summary: Derived<AppSummary> = { value: null, isCurrent: false }
  readonly #view: Derived<SharedAppView> = { value: null, isCurrent: false }
  #observed: ObservedApp | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(wanted: WantedApp, tail: readonly string[], parts: EntryParts) {
    this.#wanted = wanted
    this.#tail = tail
    this.#parts = parts
  }

  get wanted(): WantedApp {
    return this.#wanted
  }

  renew(wanted: WantedApp, tail: readonly string[]): void {
    this.#wanted = wanted
    this.#tail = tail
    this.invalidate()
  }

  noteStored(stored: Partial<WantedApp['stored']>): void {
    this.#wanted = { ...this.#wanted, stored: { ...this.#wanted.stored, ...stored } }
  }

  /** One of the halves changed, or nothing is computed for it any more. */
  invalidate(): void {
    clearTimeout(this.#timer)
    this.#observed = null
    this.#summary.isCurrent = false
    this.#view.isCurrent = false
  }

  observed(): ObservedApp {
    if (this.#observed !== null) return this.#observed
    this.#parts.counters.healthComputations++
    const observed = this.#parts.renderers.observe(this.#wanted, this.#tail)
    this.#observed = observed
    if (observed.lookAgainInMs !== null) {
      this.#timer = setTimeout(() => this.#parts.onTime(this.#wanted.id), observed.lookAgainInMs).unref()
    }
    return observed
  }

  summary(): AppSummary {
    return this.#derive(this.#summary, () => this.#parts.renderers.summary(this.#wanted, this.observed()))
  }

  view(): SharedAppView {
    return this.#derive(this.#view, () => this.#parts.renderers.view(this.#wanted, this.observed()))
  }

  #derive<T extends object>(derived: Derived<T>, compute: () => T): T {
    if (derived.isCurrent && derived.value !== null) return derived.value
    const value = compute()
    shareJson(value, () => {
      this.#parts.counters.serialisations++
      return JSON.stringify(value)
    })
    derived.isCurrent = true
    if (derived.value === null || sharedJsonOf(derived.value) !== sharedJsonOf(value)) derived.value = value
    return derived.value
  }
}
