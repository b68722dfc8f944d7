import type { CommitsBetween, ConfigDifference, ConfigValues, ReleaseDiffView } from '@slipway/domain'
import { plainLine, plainText } from '@slipway/domain'
import { type Io, paint, say } from './io.ts'
import { ago } from './time.ts'

const SIGN = { added: ['green', '+'], changed: ['yellow', '~'], removed: ['red', '-'] } as const

const sign = (io: Io, change: keyof typeof SIGN) => paint(io, SIGN[change][0], SIGN[change][1])

const beforeAfter = (before: string | null, after: string | null) =>
  [before, after].flatMap((each) => (each === null ? [] : [each === '' ? '(empty)' : each])).join(' → ')

const inCharacters = (length: number | null) => (length === null ? null : `${length} characters`)

function tellCommits(io: Io, { added, removed, hasMore, note }: CommitsBetween, nowMs: number): void {
  const lines = (
    [
      ['added', added],
      ['removed', removed],
    ] as const
  ).flatMap(([change, commits]) =>
    commits.map(
      ({ commit, subject, author, at }) =>
        `  ${sign(io, change)} ${commit.slice(0, 7)} ${plainLine(subject)} ${paint(io, 'dim', `(${plainLine(author)}, ${ago(at, nowMs)})`)}`,
    ),
  )
  say(io, lines.length === 0 && note === null ? 'Commits: the same' : 'Commits:')
  for (const line of lines) say(io, line)
  if (hasMore) say(io, '  Older commits are not listed.')
  if (note) say(io, `  ${note}`)
}

function tellConfig(io: Io, config: readonly ConfigDifference[], values: readonly ConfigValues[] | null): void {
  say(io, config.length === 0 ? 'Config: the same' : 'Config:')
  for (const { key, change, beforeLength, afterLength } of config) {
    const clear = values?.find((each) => each.key === key)
    const words = clear
      ? beforeAfter(clear.before, clear.after)
      : beforeAfter(inCharacters(beforeLength), inCharacters(afterLength))
    say(io, `  ${sign(io, change)} ${key} ${paint(io, 'dim', plainLine(words))}`)
  }
}

/** Two releases as people read them: commits, image, config, processes, and with `manifests` what Kubernetes gets. */
export function tellReleaseDiff(
  io: Io,
  diff: ReleaseDiffView,
  options: { values: readonly ConfigValues[] | null; manifests: boolean; nowMs: number },
): void {
  const { from, to, commits, config, processes, manifests } = diff
  say(io, paint(io, 'bold', `From v${from.number} to v${to.number}`))
  tellCommits(io, commits, options.nowMs)
  say(io, from.image === to.image ? 'Image: the same' : 'Image:')
  if (from.image !== to.image) for (const image of [from.image, to.image]) say(io, `  ${image}`)
  tellConfig(io, config, options.values)
  say(io, processes.length === 0 ? 'Processes: the same' : 'Processes:')
  for (const { name, change, fields } of processes) {
    say(io, `  ${sign(io, change)} ${name}`)
    for (const { field, before, after } of fields) say(io, `      ${field}: ${plainLine(beforeAfter(before, after))}`)
  }
  if (!options.manifests) return
  for (const { diff: text } of manifests.objects) say(io, `\n${plainText(text)}`)
  if (manifests.note) say(io, manifests.note)
}
