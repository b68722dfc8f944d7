import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { readText } from '../../files.ts'
import { findProgram } from '../../tool.ts'
import type { Package } from './workspace.ts'

const WRAPPERS =
  /^(npx|bunx|cross-env|cross-env-shell|env|exec|time|nice|dotenv|env-cmd|dotenvx|dumb-init|tini|--|run)$/
const ASSIGNMENT = /^[A-Za-z_]\w*=/
const RUN_SCRIPT = /^(?:(?:npm|pnpm|yarn|bun)\s+(?:run\s+|run-script\s+)?|npm-run-all\s+|run-[sp]\s+)([\w:.-]+)/
const LOADER = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader)[\s=]([@\w./-]+)/g
const MAX_DEPTH = 5

/**
 * Words of a shell line, and of the scripts that it runs, that are programs, and packages that it has Node.js load.
 * Pure.
 */
export function programsOf(line: string, scripts: Readonly<Record<string, string>>, depth = 0): string[] {
  const found: string[] = []
  for (const part of line.split(/&&|\|\||[;|&\n]/)) {
    const command = part.trim().replace(/^\(\s*/, '')
    for (const [, name = ''] of command.matchAll(LOADER)) if (!name.startsWith('.')) found.push(packageName(name))
    const script = RUN_SCRIPT.exec(command)?.[1]
    const inner = script === undefined ? undefined : scripts[script]
    if (inner !== undefined && depth < MAX_DEPTH) {
      const around = [`pre${script}`, `post${script}`].map((name) => scripts[name] ?? '')
      found.push(...[inner, ...around].flatMap((each) => programsOf(each, scripts, depth + 1)))
    }
    const words = command.split(/\s+/).filter((word) => word !== '' && !ASSIGNMENT.test(word))
    const wrappers = words.filter(
      (word, index) => WRAPPERS.test(word) && words.slice(0, index).every((before) => WRAPPERS.test(before)),
    )
    found.push(...wrappers.filter((word) => word !== '--'))
    const program = words.find((word) => !WRAPPERS.test(word) && !word.startsWith('-'))
    if (program !== undefined) found.push(program.replace(/^["']|["']$/g, ''))
  }
  return [...new Set(found)]
}

const packageName = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** What the commands of an app need of what is installed. */
export interface NeededPrograms {
  /** Packages of devDependencies that bring a program. */
  development: string[]
  /** Programs that are nowhere. */
  unknown: string[]
}

/** Builtins of sh, and what every image has. */
const SHELL =
  /^(sh|bash|cd|echo|exit|set|test|\[|true|false|sleep|source|\.|export|trap|wait|ulimit|if|then|fi|for|do|done|while|\{|\}|node|npm|npx|cat|ls|mkdir|cp|mv|rm|sed|env|exec|time|nice|eval|printf)$/

/** Looks up programs among what is installed, after the installation. */
export async function neededPrograms(
  programs: readonly string[],
  app: Package,
  roots: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<NeededPrograms> {
  const needed: NeededPrograms = { development: [], unknown: [] }
  const { dependencies, devDependencies } = app.manifest
  for (const program of programs) {
    const owner = program in devDependencies ? program : await ownerOf(program, roots)
    if (owner !== null) {
      if (owner in devDependencies && !(owner in dependencies)) needed.development.push(owner)
      continue
    }
    const isPath = /[/$`"'<>{}()]/.test(program)
    if (!isPath && !SHELL.test(program) && (await findProgram(env, program)) === null) needed.unknown.push(program)
  }
  return needed
}

/** The package whose program it is. */
async function ownerOf(program: string, roots: readonly string[]): Promise<string | null> {
  if (!/^[\w.@-]+$/.test(program)) return null
  for (const root of roots) {
    const file = path.join(root, 'node_modules/.bin', program)
    const real = await realpath(file).catch(() => null)
    if (real === null) continue
    const target = /node_modules\/\.bin\//.test(real) ? ((await readText(path.dirname(file), program)) ?? '') : real
    const owners = [
      ...target.matchAll(/node_modules\/((?:@[^/"\s]+\/)?[^/."\s][^/"\s]*)\//g),
      ...target.matchAll(/\$basedir\/\.\.\/((?:@[^/"\s]+\/)?[^/."\s][^/"\s]*)\//g),
    ]
    return owners.at(-1)?.[1] ?? program
  }
  return null
}
