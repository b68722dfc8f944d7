import type { Json } from '../api/objects.ts'

/** What JSON.parse does not tell of a document: the last of several values of one name is the one that counts, the others are gone. */
export interface Repetitions {
  /** All names and values in the order of the document, of the objects in which a name comes twice. */
  entries: ReadonlyMap<object, readonly (readonly [string, Json])[]>
  /** `line 5: key "name" already set in map`: of a YAML document. */
  lines: readonly string[]
}

const known = new WeakMap<object, Repetitions>()

/** What comes twice in a document that was read; undefined for nearly all of them. @param root what its reader gave */
export function repetitionsIn(root: Json): Repetitions | undefined {
  return typeof root === 'object' && root !== null ? known.get(root) : undefined
}

export function noteRepetitions(root: Json, repetitions: Repetitions): void {
  if (typeof root === 'object' && root !== null) known.set(root, repetitions)
}

/**
 * JSON, as JSON.parse reads it; what comes twice is noted for `repetitionsIn`. Only documents that have fewer names in their value
 * than in their text are read again.
 * @throws SyntaxError
 * @param names how many names its value has, told by whoever walks through it anyway
 */
export function readJson(text: string, names: (value: Json) => number): Json {
  const value: Json = JSON.parse(text)
  if (names(value) === namesIn(text)) return value
  const reader = new Reader(text)
  const root = reader.value()
  noteRepetitions(root, { entries: reader.repeated, lines: [] })
  return root
}

/** Paths of the names that come twice anywhere in a document that has no schema: `data.a`, `[0].value`. */
export function repeatedPaths(root: Json): string[] {
  const { entries } = repetitionsIn(root) ?? {}
  const found = new Set<string>()
  const look = (value: Json, path: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) look(item, `${path}[${index}]`)
      return
    }
    const seen = new Set<string>()
    for (const [name, child] of entries?.get(value) ?? Object.entries(value)) {
      const place = path === '' ? name : `${path}.${name}`
      if (seen.has(name)) found.add(place)
      seen.add(name)
      look(child, place)
    }
  }
  if (entries !== undefined) look(root, '')
  return [...found]
}

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]

/** Names in a text that is known to be JSON: the colons outside its strings. */
function namesIn(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === colon) count += 1
    else if (code === quote) at = endOfString(text, at)
  }
  return count
}

/** Where the string ends that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let before = end
    while (text.charCodeAt(before - 1) === backslash) before -= 1
    if ((end - before) % 2 === 0) return end
  }
}

/** Reads a text that is known to be JSON, and not too deep, and keeps what comes twice. */
class Reader {
  readonly repeated = new Map<object, [string, Json][]>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Json {
    switch (this.#next()) {
      case '{':
        return this.#object()
      case '[':
        return this.#array()
      case '"':
        return this.#string()
      default: {
        const word = /[^\s,\]}]+/y
        word.lastIndex = this.#at
        const [text = ''] = word.exec(this.#text) ?? []
        this.#at += text.length
        return JSON.parse(text)
      }
    }
  }

  #object(): Json {
    const entries: [string, Json][] = []
    this.#at += 1
    while (this.#next() !== '}') {
      const name = this.#string()
      this.#pass(':')
      entries.push([name, this.value()])
      if (this.#next() === ',') this.#at += 1
    }
    this.#at += 1
    const made: { [key: string]: Json } = Object.fromEntries(entries)
    if (Object.keys(made).length < entries.length) this.repeated.set(made, entries)
    return made
  }

  #array(): Json {
    const items: Json[] = []
    this.#at += 1
    while (this.#next() !== ']') {
      items.push(this.value())
      if (this.#next() === ',') this.#at += 1
    }
    this.#at += 1
    return items
  }

  #string(): string {
    this.#next()
    const start = this.#at
    this.#at = endOfString(this.#text, start) + 1
    return JSON.parse(this.#text.slice(start, this.#at))
  }

  #pass(character: string): void {
    if (this.#next() === character) this.#at += 1
  }

  /** The character that comes next, white space aside. */
  #next(): string {
    for (;;) {
      const character = this.#text[this.#at] ?? ''
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return character
      this.#at += 1
    }
  }
}
