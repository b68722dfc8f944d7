import { readdirSync, readFileSync } from 'node:fs'

/** What `ps` shows of every process of this machine. */
export function argumentLists(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => contentOf(`/proc/${pid}/cmdline`))
}

/** The environment of one process, as it began with. */
export const environmentOf = (pid: number) => contentOf(`/proc/${pid}/environ`)

/** Processes come and go while they are read. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
