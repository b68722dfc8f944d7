import type { ProcessDefinition } from './process.ts'
import type { ProcessDifference } from './views/release-diff.ts'

type Fields = ReadonlyMap<string, string>

/** The argv of a shell line is the line: that is what people wrote. */
function commandWords(argv: readonly string[]): string {
  const [shell, flag, line] = argv
  if (argv.length === 3 && (shell === 'sh' || shell === '/bin/sh') && flag === '-c' && line !== undefined) return line
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
}

const UNITS: readonly [suffix: string, unit: string][] = [
  ['Seconds', ' s'],
  ['Millis', 'm'],
  ['MiB', ' MiB'],
  ['Percent', ' %'],
]

/** "startTimeoutSeconds", 180 → "start timeout", "180 s". */
function inWords(field: string, value: unknown): [field: string, value: string] {
  const [suffix, unit] = (typeof value === 'number' && UNITS.find(([each]) => field.endsWith(each))) || ['', '']
  const name = field.slice(0, field.length - suffix.length).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  if (typeof value === 'string') return [name, value]
  if (typeof value === 'boolean') return [name, value ? 'yes' : 'no']
  return [name, `${JSON.stringify(value)}${unit}`]
}

/** Everything that a definition says, however many fields there come to be. */
function fieldsOf({ name: _, command, ...rest }: ProcessDefinition): Fields {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null)
  return new Map([
    ['command', command === null ? 'the image’s own' : commandWords(command)],
    ...given.map(([field, value]) => inWords(field, value)),
  ])
}

function compare(before: Fields, after: Fields): ProcessDifference['fields'] {
  const names = [...new Set([...before.keys(), ...after.keys()])]
  return names
    .map((field) => ({ field, before: before.get(field) ?? null, after: after.get(field) ?? null }))
    .filter((each) => each.before !== each.after)
}

/** The processes that differ between two releases, by name. How many of them run is the app's, so it is not among them. */
export function processDifferences(
  before: readonly ProcessDefinition[],
  after: readonly ProcessDefinition[],
): ProcessDifference[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort()
  return names.flatMap((name) => {
    const [old, next] = [before, after].map((all) => all.find((each) => each.name === name))
    const fields = compare(old ? fieldsOf(old) : new Map(), next ? fieldsOf(next) : new Map())
    if (fields.length === 0) return []
    return [{ name, change: old === undefined ? 'added' : next === undefined ? 'removed' : 'changed', fields } as const]
  })
}
