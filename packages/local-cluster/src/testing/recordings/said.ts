import type { KubernetesObject } from '../../types/objects.ts'

interface Talkative {
  status?: { conditions?: { message?: string }[] }
  involvedObject?: unknown
  message?: string
  source?: { host?: string }
}

/** Hashes of templates that a Deployment names in its conditions: its ReplicaSets need not be shown themselves. */
export function hashesSaid(object: KubernetesObject): string[] {
  if (object.kind !== 'Deployment') return []
  const { status } = object as KubernetesObject & Talkative
  const name = `${object.metadata.name}-`
  return (status?.conditions ?? []).flatMap(({ message = '' }) =>
    [...message.matchAll(/replica ?set "([^"]+)"/gi)]
      .map(([, set = '']) => set)
      .filter((set) => set.startsWith(name) && /^[bcdf456789]{1,10}$/.test(set.slice(name.length)))
      .map((set) => set.slice(name.length)),
  )
}

/** Nodes that an Event names. */
export function nodesSaid(object: KubernetesObject): string[] {
  const { involvedObject, message = '', source } = object as KubernetesObject & Talkative
  if (involvedObject === undefined) return []
  const assigned = assignedTo(message)
  return [source?.host ?? '', assigned ?? ''].filter((node) => node !== '')
}

/** Nodes that the rows of a Table name: pods by where they run, events by where they come from. */
export function nodesInTable(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return []
  const { columnDefinitions, rows } = body as { columnDefinitions?: { name: string }[]; rows?: { cells: unknown[] }[] }
  if (!Array.isArray(columnDefinitions) || !Array.isArray(rows)) return []
  const at = (column: string) => columnDefinitions.findIndex(({ name }) => name === column)
  const cell = (cells: unknown[], column: string) => String(cells[at(column)] ?? '')
  return rows.flatMap(({ cells }) => {
    const host = /^kubelet, (\S+)$/.exec(cell(cells, 'Source'))?.[1] ?? ''
    return [cell(cells, 'Node'), host, assignedTo(cell(cells, 'Message')) ?? ''].filter(
      (node) => node !== '' && node !== '<none>',
    )
  })
}

function assignedTo(message: string): string | undefined {
  return /^Successfully assigned \S+ to (\S+)$/.exec(message)?.[1]
}
