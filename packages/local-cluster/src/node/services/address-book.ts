import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const schema = z.record(z.string(), z.object({ address: z.string(), ports: z.record(z.string(), z.number()) }))

export interface BookEntry {
  address: string
  /** Port that is listened on, by the Service's own where they differ. */
  ports: Record<string, number>
}

/** Addresses of Services on this machine, kept in a file: containers that outlive the cluster's process know them. */
export class AddressBook {
  readonly #file: string
  readonly #net: number
  readonly #entries: Map<string, BookEntry>

  /** @param seed what is this node's alone: several clusters on one machine rarely meet in one range */
  constructor(file: string, seed: string) {
    this.#file = file
    // 127.0 is where everybody else is.
    this.#net = 1 + (createHash('sha256').update(seed).digest().readUInt16BE(0) % 254)
    this.#entries = new Map(Object.entries(readBook(file)))
  }

  keys(): string[] {
    return [...this.#entries.keys()]
  }

  get(key: string): BookEntry | undefined {
    return this.#entries.get(key)
  }

  /** A loopback address for the key that no other has. `attempt`: the earlier ones were taken by another program. */
  propose(key: string, attempt: number): string {
    const taken = new Set([...this.#entries].filter(([other]) => other !== key).map(([, entry]) => entry.address))
    for (let index = attempt; ; index += 1) {
      const [a = 0, b = 0] = createHash('sha256').update(`${key} ${index}`).digest()
      const address = `127.${this.#net}.${a}.${1 + (b % 254)}`
      if (!taken.has(address)) return address
    }
  }

  set(key: string, entry: BookEntry): void {
    const before = this.#entries.get(key)
    if (JSON.stringify(before) === JSON.stringify(entry)) return
    this.#entries.set(key, entry)
    this.#write()
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#write()
  }

  #write(): void {
    const partial = `${this.#file}.partial`
    writeFileSync(partial, JSON.stringify(Object.fromEntries(this.#entries)), { mode: 0o600 })
    renameSync(partial, this.#file)
  }
}

function readBook(file: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return {} // There is none yet, or it is damaged: addresses are chosen anew.
  }
}
