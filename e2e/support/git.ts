import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A working copy on this machine, as a developer has one. */
export interface Repository {
  dir: string
  write(files: Readonly<Record<string, string | Buffer>>): void
  /** Commits everything; resolves to the commit's id. */
  commit(message: string): Promise<string>
  /** Pushes and resolves to the exit code and everything git printed. */
  push(url: string, refspec?: string, ...options: string[]): Promise<GitResult>
  git(...args: string[]): Promise<GitResult>
  remove(): void
}
export interface GitResult {
  code: number | null
  output: string
}

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
}

function run(dir: string, args: string[]): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: dir,
      env: { ...process.env, ...IDENTITY },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Makes a repository with one commit out of a folder or of given files. */
export async function createRepository(from: string | Readonly<Record<string, string | Buffer>>): Promise<Repository> {
  const dir = mkdtempSync(path.join(tmpdir(), 'slipway-repo-'))
  const repository: Repository = {
    dir,
    write(files) {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
        writeFileSync(path.join(dir, name), content)
      }
    },
    async commit(message) {
      await run(dir, ['add', '-A'])
      const result = await run(dir, ['commit', '-qm', message])
      if (result.code !== 0) throw new Error(result.output)
      return (await run(dir, ['rev-parse', 'HEAD'])).output.trim()
    },
    push: (url, refspec = 'main', ...options) => run(dir, ['push', ...options, url, refspec]),
    git: (...args) => run(dir, args),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
  if (typeof from === 'string') cpSync(from, dir, { recursive: true })
  else repository.write(from)
  await run(dir, ['init', '-q', '-b', 'main'])
  await repository.commit('First version')
  return repository
}

/** The push address with the token in it, as `git remote add` may take it. */
export function withToken(gitUrl: string, token: string): string {
  const url = new URL(gitUrl)
  url.username = 'slipway'
  url.password = token
  return url.href
}
