/** JSON of values that go to many subscribers, serialised once. */
const texts = new WeakMap<object, () => string>()

/** Gives a value its JSON; `write` is called at most once, when somebody needs it. */
export function shareJson<T extends object>(value: T, write: () => string): T {
  let text: string | null = null
  texts.set(value, () => {
    text ??= write()
    return text
  })
  return value
}

/** The JSON of a shared value; null of any other. */
export function sharedJsonOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  return texts.get(value)?.() ?? null
}
