import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { causeOf } from './causes/index.ts'
import { BuildFailure } from './failure.ts'
import type { BuildContext } from './plan.ts'
import { run } from './run.ts'

/** How a tool is run and what is said when it fails. */
export interface ToolCall {
  command: string
  args: readonly string[]
  /** As the log and the failure call it: `npm ci`. */
  title: string
  cwd?: string
  env?: Record<string, string>
  /** What failed, as the head of the sentence: `Installing the dependencies`. */
  what: string
  /** What to do when it fails. */
  action?: string
}

type ToolContext = Pick<BuildContext, 'dir' | 'env' | 'log' | 'signal'>

/** Lines of a tool's end that its cause is looked for in. */
const TAIL_LINES = 400

/**
 * Runs a tool of the build.
 * @throws BuildFailure with the cause, read from what the tool printed
 */
export async function runTool(context: ToolContext, call: ToolCall): Promise<void> {
  const lines: string[] = []
  const log = {
    ...context.log,
    line(text: string) {
      if (lines.push(text) > TAIL_LINES * 2) lines.splice(0, TAIL_LINES)
      context.log.line(text)
    },
  }
  const env = { ...context.env, ...call.env }
  const code = await run(call.command, call.args, { signal: context.signal, cwd: call.cwd ?? context.dir, env, log })
  if (code === 0) return
  const { cause, action } = causeOf(lines.slice(-TAIL_LINES), { title: call.title, code })
  throw new BuildFailure(
    `${call.what} failed: ${cause}.`,
    action ?? call.action ?? `Run "${call.title}" on your machine to see it there, correct it, and push again.`,
  )
}

/** What a program prints, trimmed; null where it cannot be run. */
export async function outputOf(context: ToolContext, command: string, args: readonly string[]): Promise<string | null> {
  const lines: string[] = []
  const log = { ...context.log, line: (text: string) => void lines.push(text) }
  try {
    const code = await run(command, args, { signal: context.signal, cwd: context.dir, env: context.env, log })
    return code === 0 ? lines.join('\n').trim() : null
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) return null
    throw error
  }
}

/** Path of a program on the PATH of the tools; null where it is on none. */
export async function findProgram(env: Readonly<Record<string, string>>, name: string): Promise<string | null> {
  for (const dir of (env.PATH ?? '').split(path.delimiter)) {
    if (dir === '') continue
    const file = path.join(dir, name)
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return file
  }
  return null
}

/** @throws BuildFailure that says what is missing where the build runs, before anything is installed */
export async function requireProgram(
  context: ToolContext,
  name: string,
  title: string,
  packages: string,
): Promise<string> {
  const file = await findProgram(context.env, name)
  if (file !== null) return file
  throw new BuildFailure(
    `There is no ${title} where this build runs: the program "${name}" is not installed.`,
    `Ask your operator to install ${packages} there, or add a Dockerfile.`,
  )
}

/** The one line for a version that is not followed. */
export function warnOfVersion(
  log: BuildContext['log'],
  { file, asked, title, used }: { file: string; asked: string; title: string; used: string },
): void {
  log.warning(`${file} asks for ${title} ${asked}; this build runs on ${used}.`)
}
