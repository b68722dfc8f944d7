import type { KubernetesObject } from '../../types/objects.ts'

/** Most characters of items that are kept. */
const mostCharacters = 16 * 1024 * 1024

/**
 * Texts of list items that were sent last. Stored objects never change, so a text is right for as long as its object is the current
 * one, and a list that is asked for again is put together from them.
 */
export class ItemTexts {
  readonly #texts = new Map<KubernetesObject, string>()
  #characters = 0

  /** As an item of a typed list, which says kind and version for all. */
  get(object: KubernetesObject): string {
    const known = this.#texts.get(object)
    if (known !== undefined) return known
    const { kind: _kind, apiVersion: _version, ...item } = object
    const text = JSON.stringify(item)
    this.#texts.set(object, text)
    this.#characters += text.length
    if (this.#characters > mostCharacters) this.#forgetOldest()
    return text
  }

  #forgetOldest(): void {
    for (const [object, text] of this.#texts) {
      if (this.#characters <= mostCharacters / 2) return
      this.#texts.delete(object)
      this.#characters -= text.length
    }
  }
}

/** The event that went out last, as bytes: a hundred watchers of one kind are told it one after the other. */
export class EventLine {
  #last: { type: string; object: KubernetesObject; line: Buffer } | null = null

  get(type: string, object: KubernetesObject): Buffer {
    if (this.#last?.object === object && this.#last.type === type) return this.#last.line
    const line = Buffer.from(`${JSON.stringify({ type, object })}\n`)
    this.#last = { type, object, line }
    return line
  }
}
