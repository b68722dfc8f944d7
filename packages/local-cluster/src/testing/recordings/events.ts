import type { KubernetesObject } from '../../types/objects.ts'
import { leftOutEvents } from './ignored.ts'
import type { Names } from './names.ts'

interface Said extends KubernetesObject {
  involvedObject: { kind: string; name: string }
  type: string
  reason: string
  message: string
  source?: { component?: string }
  reportingComponent?: string
}

export function isEvent(object: KubernetesObject): object is Said {
  return object.kind === 'Event'
}

/** False for what the table of exceptions leaves out. */
export function counts({ reason, message }: { reason: string; message: string }): boolean {
  return !leftOutEvents.some(([which, pattern]) => which === reason && pattern.test(message))
}

/**
 * What each component said about each object, in the order in which it first said it. Objects of one owner that were told
 * the same things count once: which of them met a passing state is chance.
 */
export function talesOf(events: Iterable<KubernetesObject>, names: Names): Map<string, string[][]> {
  const byObject = new Map<string, { group: string; lines: string[] }>()
  for (const event of events) {
    if (!isEvent(event) || !counts(event)) continue
    const { kind, name } = event.involvedObject
    const component = event.source?.component ?? event.reportingComponent ?? ''
    const key = `${component} ${kind} ${name}`
    const tale = byObject.get(key) ?? { group: `events of ${component} about ${kind} ${names.plain(name)}`, lines: [] }
    byObject.set(key, tale)
    const line = `${event.type} ${event.reason}: ${names.plain(event.message)}`
    if (!tale.lines.includes(line)) tale.lines.push(line)
  }
  const tales = new Map<string, string[][]>()
  for (const { group, lines } of byObject.values()) {
    const known = tales.get(group) ?? []
    if (!known.some((other) => other.join('\n') === lines.join('\n'))) known.push(lines)
    tales.set(group, known)
  }
  return tales
}
