import type { RefCommand } from './push-request.ts'

/** Refs that one push may name. */
const MAX_REFS = 1000
const BRANCH = 'refs/heads/'
const TAG = 'refs/tags/'

/** What is done with a push, by its refs alone. */
export interface PushPlan {
  /** The update that is deployed, if there is one. */
  deploy: RefCommand | null
  /** Taken as they are. */
  tags: RefCommand[]
  refused: { ref: string; reason: string }[]
  /** Why, for people. */
  lines: string[]
}

const isDelete = ({ to }: RefCommand) => /^0+$/.test(to)
export const branchOf = (ref: string) => ref.slice(BRANCH.length)

/**
 * Sorts the refs of a push. One branch is deployed: the app's, or while it has none yet the only one that is pushed, `main` or
 * `master` where there are several. Tags are kept; everything else is refused in words.
 */
export function planPush(commands: readonly RefCommand[], deployBranch: string | null): PushPlan {
  if (commands.length > MAX_REFS) {
    const reason = `more than ${MAX_REFS} refs in one push`
    return { deploy: null, tags: [], refused: commands.map(({ ref }) => ({ ref, reason })), lines: [] }
  }
  const branches = commands.filter((each) => each.ref.startsWith(BRANCH) && !isDelete(each))
  const branch = deployBranch ?? firstBranch(branches.map(({ ref }) => branchOf(ref)))
  const deploy = branches.find(({ ref }) => branch !== null && branchOf(ref) === branch) ?? null
  const tags = commands.filter((each) => each.ref.startsWith(TAG) && !isDelete(each))
  const refused = commands
    .filter((each) => each !== deploy && !tags.includes(each))
    .map((each) => ({ ref: each.ref, reason: refusalOf(each, branch) }))
  return { deploy, tags, refused, lines: linesOf(commands, deploy, branch) }
}

function firstBranch(pushed: readonly string[]): string | null {
  if (pushed.length === 1) return pushed[0] ?? null
  return pushed.find((name) => name === 'main') ?? pushed.find((name) => name === 'master') ?? null
}

function refusalOf(command: RefCommand, branch: string | null): string {
  if (!command.ref.startsWith(BRANCH)) {
    return command.ref.startsWith(TAG) ? 'tags are kept' : 'only branches and tags are taken'
  }
  if (branch === null) return 'no branch is deployed yet'
  if (branchOf(command.ref) === branch) return 'the deployed branch cannot be deleted'
  return `this app deploys ${branch}`
}

function linesOf(commands: readonly RefCommand[], deploy: RefCommand | null, branch: string | null): string[] {
  if (deploy !== null) return []
  const first = commands.find(({ ref }) => ref.startsWith(BRANCH))
  if (first === undefined) return [`Only pushes to ${branch ?? 'a branch'} are deployed; nothing was built.`]
  if (branch === null) {
    return [
      'Nothing was built: the first push of an app chooses its branch.',
      'Push one, for example: git push slipway main',
    ]
  }
  const name = branchOf(first.ref)
  if (name === branch) {
    return [`The branch ${branch} is what is deployed; it cannot be deleted.`, 'Delete the app to end it.']
  }
  return [
    `Push rejected: only the branch ${branch} is deployed, so ${name} was not taken and nothing was built.`,
    `To deploy it: git push slipway ${name}:${branch}`,
  ]
}
