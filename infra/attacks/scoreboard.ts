import { type Row, rowCells } from '../bench/row.ts'
import type { Attack } from './list.ts'
import type { TestRun } from './run-tests.ts'

export interface Scoreboard {
  /** Markdown. */
  text: string
  /** Names of tests that failed, and of kinds for which no test ran. */
  failed: string[]
}

/** Draws the tables. `load` are the rows of `npm run bench -- attack`; none: that table is left out. */
export function drawScoreboard(
  attacks: readonly Attack[],
  killed: readonly Attack[],
  runs: readonly TestRun[],
  load: readonly Row[],
): Scoreboard {
  const failed: string[] = []
  const runsOf = ({ what, tests }: Attack) => {
    const own = runs.filter(({ file, name }) => file in tests && (tests[file]?.test(name) ?? true))
    for (const file of Object.keys(tests)) {
      if (!own.some((run) => run.file === file)) failed.push(`${what}: no test of ${file} ran`)
    }
    for (const run of own) if (!run.passed) failed.push(`${what}: ${run.name}`)
    return own
  }
  const row = (attack: Attack) => {
    const own = runsOf(attack)
    const held = own.filter(({ passed }) => passed).length
    return [attack.what, String(own.length), String(held), Object.keys(attack.tests).map(short).join(', ')]
  }
  const kill = (attack: Attack) => {
    const own = runsOf(attack)
    const figures = own.flatMap(({ figure }) => (figure === null ? [] : [figure]))
    return [attack.what, `${own.filter(({ passed }) => passed).length} of ${own.length}`, figures.join('; ') || '–']
  }
  const tables = [
    markdown(['attack', 'tried', 'held', 'shown by'], attacks.map(row)),
    markdown(['killed, or taken away', 'came back', 'figures'], killed.map(kill)),
  ]
  if (load.length > 0) {
    tables.push(markdown(['under load', 'p95', 'idle', 'ratio'], load.map(rowCells)))
  }
  return { text: tables.join('\n\n'), failed }
}

const short = (file: string) => `\`${file.split('/').at(-1) ?? file}\``

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
