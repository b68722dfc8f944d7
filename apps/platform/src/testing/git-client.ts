import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gitEnvironment, killGroup } from '../git/git.ts'

export interface GitResult {
  exitCode: number
  /** stdout and stderr as they came. */
  output: string
}

/** A work tree of a person who deploys. */
export interface WorkTree {
  directory: string
  write(files: Readonly<Record<string, string>>): Promise<void>
  /** Writes, adds and commits everything; answers the commit. */
  commit(message: string, files?: Readonly<Record<string, string>>): Promise<string>
  git(...args: string[]): Promise<GitResult>
  remove(): Promise<void>
}

/** Runs the real git client; `signal` kills it, with its helpers. */
export function runGit(cwd: string, args: readonly string[], signal?: AbortSignal): Promise<GitResult> {
  const child = spawn('git', args, {
    cwd,
    env: {
      ...gitEnvironment(),
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  signal?.addEventListener('abort', () => killGroup(child.pid), { once: true })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ exitCode: code ?? -1, output }))
  })
}

export async function createWorkTree(files: Readonly<Record<string, string>> = {}): Promise<WorkTree> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-work-'))
  const git = (...args: string[]) => runGit(directory, args)
  const write = async (named: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(named)) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), text)
    }
  }
  const must = async (...args: string[]) => {
    const { exitCode, output } = await git(...args)
    if (exitCode !== 0) throw new Error(`git ${args[0]}: ${output}`)
    return output.trim()
  }
  const commit = async (message: string, named: Readonly<Record<string, string>> = {}) => {
    await write(named)
    await must('add', '-A')
    await must('commit', '--quiet', '--allow-empty', '-m', message)
    return must('rev-parse', 'HEAD')
  }
  await must('init', '--quiet', '-b', 'main')
  if (Object.keys(files).length > 0) await commit('First', files)
  return { directory, write, commit, git, remove: () => rm(directory, { recursive: true, force: true }) }
}
