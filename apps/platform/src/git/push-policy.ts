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

/** Before an app has a branch, its first push chooses one of these. */
const FIRST_BRANCHES = ['main', 'master'] as const

/**
 * Sorts the refs of a push. One branch is deployed: the app's, or while it has none yet `main` or `master`, whichever is pushed.
 * Tags are kept; everything else is refused in words.
 */
export function planPush(commands: readonly RefCommand[], deployBranch: string | null): PushPlan {
  if (commands.length > MAX_REFS) {
    const reason = `more than ${MAX_REFS} refs in one push`
    return { deploy: null, tags: [], refused: commands.map(({ ref }) => ({ ref, reason })), lines: [] }
  }
  const pushed = new Map(commands.filter(isBranchUpdate).map((each) => [branchOf(each.ref), each]))
  const branch = deployBranch ?? FIRST_BRANCHES.find((name) => pushed.has(name)) ?? FIRST_BRANCHES[0]
  const deploy = pushed.get(branch) ?? null
  const tags = commands.filter((each) => each.ref.startsWith(TAG) && !isDelete(each))
  const refused = commands
    .filter((each) => each !== deploy && !tags.includes(each))
    .map((each) => ({ ref: each.ref, reason: refusalOf(each, branch) }))
  return { deploy, tags, refused, lines: deploy === null ? linesOf(commands, branch) : [] }
}

const isBranchUpdate = (command: RefCommand) => command.ref.startsWith(BRANCH) && !isDelete(command)

function refusalOf(command: RefCommand, branch: string): string {
  if (command.ref.startsWith(TAG)) return 'tags are kept'
  if (!command.ref.startsWith(BRANCH)) return 'only branches and tags are taken'
  if (branchOf(command.ref) === branch) return 'the deployed branch cannot be deleted'
  return `this app deploys ${branch}`
}

function linesOf(commands: readonly RefCommand[], branch: string): string[] {
  const first = commands.find(({ ref }) => ref.startsWith(BRANCH))
  if (first === undefined) return [`Tags are kept. Only pushes to ${branch} are deployed; nothing was built.`]
  const name = branchOf(first.ref)
  if (name === branch) {
    return [`The branch ${branch} is what is deployed; it cannot be deleted.`, 'Delete the app to end it.']
  }
  return [
    `Push rejected: only the branch ${branch} is deployed, so ${name} was not taken and nothing was built.`,
    `To deploy it: git push slipway ${name}:${branch}, or set the app's deployed branch to ${name}.`,
  ]
}
