import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

export const ROOT = path.resolve(import.meta.dirname, '..')
export const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

/** Files and folders of the repository that git knows, as they stand in a fresh clone. */
export const trackedFiles: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  {
    cwd: ROOT,
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')

export const isTracked = (entry: string) =>
  trackedFiles.some((file) => file === entry || file.startsWith(`${entry.replace(/\/$/, '')}/`))

const manifestSchema = z.object({ name: z.string(), dependencies: z.record(z.string(), z.string()).default({}) })

/** Folder of every workspace, with the names of those it needs to run. */
export function workspaces(): Map<string, { folder: string; needs: string[] }> {
  const found = new Map<string, { folder: string; needs: string[] }>()
  for (const file of trackedFiles.filter((each) => /^(apps|packages)\/[^/]+\/package\.json$/.test(each))) {
    const { name, dependencies } = manifestSchema.parse(JSON.parse(read(file)))
    const needs = Object.keys(dependencies).filter((each) => each.startsWith('@slipway/'))
    found.set(name, { folder: path.dirname(file), needs })
  }
  return found
}

/** True when the app's env.ts, or a part of it, reads the variable. */
export function readsVariable(app: 'platform' | 'console', name: string): boolean {
  const files = trackedFiles.filter((file) => new RegExp(`^apps/${app}/src/env[a-z-]*\\.ts$`).test(file))
  return files.some((file) => new RegExp(`\\b${name}\\b`).test(read(file)))
}

/** Variables that are not ours: Node's, Next's and next-auth's own. */
export const FOREIGN_VARIABLES = [
  'NODE_ENV',
  'NEXT_TELEMETRY_DISABLED',
  'NEXTAUTH_SECRET',
  'NEXTAUTH_URL',
  'HOSTNAME',
  'PORT',
]
