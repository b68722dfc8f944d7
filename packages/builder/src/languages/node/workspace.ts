import { glob } from 'node:fs/promises'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { readText } from '../../files.ts'
import { type Manifest, readManifest } from './manifest.ts'

/** A package of a repository. */
export interface Package {
  /** Absolute. */
  dir: string
  manifest: Manifest
}

/** What is installed together: a package alone, or the root of a workspace with its members. */
export interface Workspace {
  root: Package
  /** Without the root. */
  members: Package[]
}

const pnpmSchema = z.object({ packages: z.array(z.string()).default([]) })
const MAX_MEMBERS = 500

/** The workspace that a folder is the root or a member of; the folder alone where there is none. */
export async function openWorkspace(repoDir: string, dir: string): Promise<Workspace> {
  const own = { dir, manifest: await readManifest(dir) }
  for (let root = dir; ; root = path.dirname(root)) {
    const manifest = root === dir ? own.manifest : await readManifest(root, 'package.json at the top')
    const patterns = await memberPatterns(root, manifest)
    if (patterns.length > 0) {
      const members = await listMembers(root, patterns)
      if (root === dir || members.some((member) => member.dir === dir))
        return { root: { dir: root, manifest }, members }
    }
    if (root === repoDir || root === path.dirname(root)) return { root: own, members: [] }
  }
}

async function memberPatterns(dir: string, manifest: Manifest): Promise<string[]> {
  const pnpm = await readText(dir, 'pnpm-workspace.yaml')
  if (pnpm !== null) return pnpmSchema.safeParse(parse(pnpm)).data?.packages ?? []
  const { workspaces } = manifest
  return Array.isArray(workspaces) ? workspaces : (workspaces?.packages ?? [])
}

async function listMembers(root: string, patterns: readonly string[]): Promise<Package[]> {
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!')).map(manifestPattern)
  const unwanted = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => manifestPattern(pattern.slice(1)))
  const members: Package[] = []
  const exclude = ['**/node_modules', '**/node_modules/**', ...unwanted]
  for await (const name of glob(wanted, { cwd: root, exclude })) {
    const dir = path.dirname(path.resolve(root, name))
    if (dir === root || members.length >= MAX_MEMBERS || !dir.startsWith(root)) continue
    members.push({ dir, manifest: await readManifest(dir, name) })
  }
  return members.sort((a, b) => (a.dir < b.dir ? -1 : 1))
}

const manifestPattern = (pattern: string) => `${pattern.replace(/^\.\//, '').replace(/\/+$/, '')}/package.json`

/** The members that a package imports, those that others need first. */
export function membersNeededBy(app: Package, members: readonly Package[]): Package[] {
  const ordered: Package[] = []
  const seen = new Set<Package>([app])
  const visit = (from: Package) => {
    const { dependencies, devDependencies, optionalDependencies } = from.manifest
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
      const member = members.find((each) => each.manifest.name === name)
      if (member === undefined || seen.has(member)) continue
      seen.add(member)
      visit(member)
      ordered.push(member)
    }
  }
  visit(app)
  return ordered
}
