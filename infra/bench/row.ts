export type Unit = 'ms' | 'requests/s' | 'MiB' | 'KiB'

/** One line of the table. Absolute figures say little on another machine; the ratio to the baseline of the same run does. */
export interface Row {
  what: string
  unit: Unit
  samples: number[]
  /** What `baselineSamples` measure, in a few words. */
  baseline: string
  baselineSamples: number[]
}

/** The middle of the samples; of two middles their mean. NaN without samples. */
function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The sample that `share` (0 to 1) of all samples do not exceed. NaN without samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

function figure(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–'
  if (unit === 'ms' && value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit === 'requests/s' ? '/s' : unit}`
}

/** What, its median, the baseline's, and how many times as much it is. */
export function rowCells({ what, unit, samples, baselineSamples }: Row): [string, string, string, string] {
  const [value, base] = [median(samples), median(baselineSamples)]
  const ratio = value / base
  return [
    what,
    figure(value, unit),
    figure(base, unit),
    Number.isNaN(ratio) ? '–' : `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`,
  ]
}

/** The rows as a table of plain text, columns aligned. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['what', 'median', 'runs', 'baseline', 'its median', 'ratio'],
    ...rows.map((row) => {
      const [what, value, base, ratio] = rowCells(row)
      return [what, value, String(row.samples.length), row.baseline, base, ratio]
    }),
  ]
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  text.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '))
  return text.join('\n')
}
