import { lookup } from 'node:dns/promises'

/** How often names outside of the cluster are looked up again. */
const REFRESH_MS = 60_000

/**
 * Services of type ExternalName, which are other names of something. Pods find them in their hosts file, which knows addresses
 * only: names are looked up, and again every minute.
 */
export class ExternalNames {
  readonly #names = new Map<string, string>()
  readonly #timer: NodeJS.Timeout

  /** @param refresh takes another look at a Service */
  constructor(refresh: (key: string) => Promise<void>) {
    this.#timer = setInterval(() => {
      // A look that failed is taken again in a minute.
      for (const key of this.#names.keys()) refresh(key).catch(() => undefined)
    }, REFRESH_MS)
    this.#timer.unref()
  }

  /** Null: the Service is none of these. */
  set(key: string, name: string | null): void {
    if (name === null) this.#names.delete(key)
    else this.#names.set(key, name)
  }

  /** Names of a Service of this cluster. */
  aliasesOf(key: string): string[] {
    return [...this.#names].filter(([, name]) => clusterServiceOf(name) === key).map(([alias]) => alias)
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

/** The Service of this cluster that a name stands for, as `namespace/name`; null for a name outside of it. */
export function clusterServiceOf(name: string): string | null {
  const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc(?:\.cluster\.local)?\.?$/.exec(name) ?? []
  return service === undefined || namespace === undefined ? null : `${namespace}/${service}`
}

/** The address of a name outside of the cluster; null where it has none now. */
export async function addressOutside(name: string): Promise<string | null> {
  try {
    return (await lookup(name, { family: 4 })).address
  } catch {
    return null // Not known, or nobody to ask: the name is not found in pods either.
  }
}
