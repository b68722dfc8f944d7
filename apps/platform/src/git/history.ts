import type { CommitsBetween, CommitView } from '@slipway/domain'
import type { CommitHistory, CommitQuery } from '../ports/history.ts'
import { git } from './git.ts'
import { hasCommit } from './refs.ts'
import type { Repositories } from './repositories.ts'

/** Commits that are listed of each side. */
const MAX_COMMITS = 100
const SUBJECT_LENGTH = 500
const TIMEOUT_MS = 10_000
const FIELD = '%x1f'

/** Reads commits off the repositories of this process. */
export function createCommitHistory(repositories: Repositories): CommitHistory {
  return {
    async between(query) {
      const repository = await repositoryWith(repositories, query)
      if (repository === null) return { ...NONE, note: GONE }
      const [added, removed, shallow] = await Promise.all([
        log(repository, query.from, query.to),
        log(repository, query.to, query.from),
        git(['-C', repository, 'rev-parse', '--is-shallow-repository'], { timeoutMs: TIMEOUT_MS }),
      ])
      return {
        added: added.slice(0, MAX_COMMITS),
        removed: removed.slice(0, MAX_COMMITS),
        hasMore: Math.max(added.length, removed.length) > MAX_COMMITS,
        note: shallow.trim() === 'true' && query.from !== query.to ? SHALLOW : null,
      }
    },
  }
}

const NONE: Omit<CommitsBetween, 'note'> = { added: [], removed: [], hasMore: false }
const GONE = 'The repository no longer has both commits: it keeps those of the deployed branch and of the last builds.'
const SHALLOW = 'The repository holds a part of the history only, so commits may be missing here.'

/** The first repository that has both commits; null where none has. */
async function repositoryWith(repositories: Repositories, { apps, from, to }: CommitQuery): Promise<string | null> {
  const present = new Set(await repositories.list())
  for (const app of apps) {
    if (!present.has(app)) continue
    const path = repositories.path(app)
    if ((await hasCommit(path, from)) && (await hasCommit(path, to))) return path
  }
  return null
}

/** What `to` has and `from` has not, newest first; one more than is listed. */
async function log(repository: string, from: string, to: string): Promise<CommitView[]> {
  const format = ['%H', '%an', '%aI', '%s'].join(FIELD)
  const args = ['log', `--max-count=${MAX_COMMITS + 1}`, `--format=${format}`, '--end-of-options', `${from}..${to}`]
  const text = await git(['-C', repository, ...args], { timeoutMs: TIMEOUT_MS })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [commit = '', author = '', at = '', subject = ''] = line.split('\x1f')
      return { commit, author, at, subject: subject.slice(0, SUBJECT_LENGTH) }
    })
}
