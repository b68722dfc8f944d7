import { defaultKindOf, endsByItself, MAX_PROCESSES, type ProcessKind } from '@slipway/domain'
import { BuildFailure } from './failure.ts'

/** A process of the app: how its image is started. */
export interface BuiltProcess {
  name: string
  kind: ProcessKind
  /** argv */
  command: string[]
}

const MAX_COMMAND_CHARS = 8192
const LINE = /^([A-Za-z0-9_-]+):\s*(.+)$/

/** A shell line as argv. */
export const shell = (line: string) => ['sh', '-c', line]

/**
 * Reads a Procfile. Names become DNS labels (`My_Worker` → `my-worker`). `web` and `release` are of the kind of their name, all others
 * are workers. Reference: https://devcenter.heroku.com/articles/procfile
 * @throws BuildFailure that names the line that is wrong
 */
export function parseProcfile(text: string): BuiltProcess[] {
  const processes: BuiltProcess[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', command = ''] = LINE.exec(line) ?? []
    if (name === '') throw wrong(`Line ${index + 1} of the Procfile is not "name: command".`)
    if (command.length > MAX_COMMAND_CHARS) throw wrong(`The command in line ${index + 1} of the Procfile is too long.`)
    const slug = name
      .toLowerCase()
      .replace(/_/g, '-')
      .replace(/^[^a-z]+|-+$/g, '')
    if (slug === '' || slug.length > 40)
      throw wrong(`"${name}" in line ${index + 1} of the Procfile cannot be the name of a process.`)
    if (processes.some((each) => each.name === slug)) throw wrong(`The Procfile names the process "${slug}" twice.`)
    processes.push({ name: slug, kind: defaultKindOf(slug), command: shell(command) })
  }
  if (processes.every(endsByItself)) throw wrong('The Procfile names no process.')
  if (processes.length > MAX_PROCESSES) throw wrong(`The Procfile names more than ${MAX_PROCESSES} processes.`)
  return processes
}

const wrong = (message: string) =>
  new BuildFailure(message, 'Write one process a line, such as "web: node server.js", and push again.')
