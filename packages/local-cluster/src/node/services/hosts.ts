import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HostName {
  /** `web`, or `web-0.web` for a pod behind a headless Service. */
  name: string
  address: string
}

/**
 * A hosts file for each namespace: the machine's own names, the namespace's Services by their short names, and all Services by
 * their long ones. Files are rewritten in place, as containers have them mounted.
 */
export class HostsFiles {
  readonly #dir: string
  readonly #services = new Map<string, { namespace: string; names: readonly HostName[] }>()
  readonly #written = new Map<string, string>()

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o755 })
  }

  /** The names of one Service; none: it is gone. */
  set(key: string, namespace: string, names: readonly HostName[]): void {
    if (names.length === 0) this.#services.delete(key)
    else this.#services.set(key, { namespace, names })
    for (const known of this.#written.keys()) this.#write(known)
  }

  /** Where the Service's own name leads; null where it leads nowhere. */
  addressOf(key: string): string | null {
    const own = key.split('/')[1]
    return this.#services.get(key)?.names.find(({ name }) => name === own)?.address ?? null
  }

  /** Path of the file for a namespace; it is there from now on. */
  file(namespace: string): string {
    this.#write(namespace)
    return join(this.#dir, namespace)
  }

  #write(namespace: string): void {
    const lines = [machineHosts().trimEnd(), '# Services of the cluster']
    for (const service of this.#services.values()) {
      for (const { name, address } of service.names) lines.push(hostsLine(name, address, service.namespace, namespace))
    }
    const text = `${lines.join('\n')}\n`
    if (this.#written.get(namespace) === text) return
    writeFileSync(join(this.#dir, namespace), text, { mode: 0o644 })
    this.#written.set(namespace, text)
  }
}

function hostsLine(name: string, address: string, home: string, namespace: string): string {
  const long = [`${name}.${home}`, `${name}.${home}.svc`, `${name}.${home}.svc.cluster.local`]
  return [address, ...(home === namespace ? [name] : []), ...long].join(' ')
}

function machineHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'utf8')
  } catch {
    return '127.0.0.1 localhost' // A machine without such a file has at least this name.
  }
}
