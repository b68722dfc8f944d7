import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startRepositoryServer } from '../../test/repository-server.ts'
import { git } from '../git/git.ts'
import { listTree } from '../git/tree.ts'
import { createWorkTree, runGit, type WorkTree } from '../testing/git-client.ts'
import { argumentLists } from '../testing/processes.ts'
import { openSource } from './archive.ts'
import { createFetchGuard } from './fetch-guard.ts'
import { refuseLfsPointers } from './lfs.ts'
import type { Remote } from './remote.ts'
import { fetchSubmodules } from './submodules.ts'

const TOKEN = 'token of the git host'
const trees: WorkTree[] = []
let directory = ''
let repository = ''
let host: Awaited<ReturnType<typeof startRepositoryServer>>
const signal = new AbortController().signal

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-sources-'))
  host = await startRepositoryServer(tmpdir(), TOKEN)
})
beforeEach(async () => {
  repository = join(directory, `${Math.random().toString(36).slice(2)}.git`)
  await git(['init', '--quiet', '--bare', repository])
})
afterAll(async () => {
  await host?.stop()
  for (const tree of trees) await tree.remove()
  await rm(directory, { recursive: true, force: true })
})

async function newTree(files: Readonly<Record<string, string>>): Promise<WorkTree> {
  const tree = await createWorkTree(files)
  trees.push(tree)
  return tree
}

/** Brings a work tree's head into the app's repository, as a push does. */
async function pushed(tree: WorkTree): Promise<string> {
  await runGit(tree.directory, ['push', '--quiet', repository, '+HEAD:refs/slipway/builds/1'])
  return (await tree.git('rev-parse', 'HEAD')).output.trim()
}

const urlOf = (tree: WorkTree) => `${host.url}/${basename(tree.directory)}/.git`

/** Makes `link` in `tree` a submodule of that address, at the head of `of`. */
async function addSubmodule(tree: WorkTree, link: string, of: WorkTree, url = urlOf(of)): Promise<void> {
  const head = (await of.git('rev-parse', 'HEAD')).output.trim()
  const { output } = await tree.git('show', 'HEAD:.gitmodules')
  const before = output.startsWith('[') ? output : ''
  await tree.write({ '.gitmodules': `${before}[submodule "${link}"]\n\tpath = ${link}\n\turl = ${url}\n` })
  await tree.git('add', '.gitmodules')
  await tree.git('update-index', '--add', '--cacheinfo', `160000,${head},${link}`)
  await tree.git('commit', '--quiet', '-m', `Add ${link}`)
}

/** Everything of a stream, by name. */
async function unpack(commit: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  const archive = (await openSource(repository, commit)).pipe(createGunzip()).pipe(extract())
  for await (const entry of archive) {
    const content = await text(entry)
    if (entry.header.type === 'file') files[entry.header.name] = content
    if (entry.header.type === 'symlink') files[entry.header.name] = `→ ${entry.header.linkname}`
  }
  return files
}

const guard = createFetchGuard(['loopback'])
const fetchAll = async (commit: string, connected: Remote | null) =>
  fetchSubmodules({ repository, commit, tree: await listTree(repository, commit), connected, guard, signal })

const connectedTo = (tree: WorkTree): Remote => ({ url: urlOf(tree), credentials: { user: 'git', token: TOKEN } })

describe('a source', () => {
  test('is the tree of its commit, without what export-ignore names, and nothing stays on the disk', async () => {
    const zeros = '\0'.repeat(3000)
    const tree = await newTree({
      'a.txt': 'a',
      'docs/b.txt': 'left out',
      '.gitattributes': 'docs export-ignore\n',
      'zeros.bin': zeros,
    })
    const commit = await pushed(tree)
    const before = await readdir(directory)
    expect(await unpack(commit)).toEqual({ 'a.txt': 'a', '.gitattributes': 'docs export-ignore\n', 'zeros.bin': zeros })
    expect(await readdir(directory)).toEqual(before)
  })

  test('breaks off where git does', async () => {
    await expect(unpack('d'.repeat(40))).rejects.toThrow()
  })

  test('holds its submodules, nested ones too, at their places', async () => {
    const inner = await newTree({ 'inner.txt': 'inner', 'zeros.bin': '\0'.repeat(2048) })
    const middle = await newTree({ 'middle.txt': 'middle' })
    // Relative to the address of the repository that names it.
    await addSubmodule(middle, 'deep/inner', inner, `../../${basename(inner.directory)}/.git`)
    const outer = await newTree({ 'outer.txt': 'outer' })
    await addSubmodule(outer, 'libs/middle', middle)
    const commit = await pushed(outer)
    expect(await fetchAll(commit, connectedTo(outer))).toMatchObject([
      { path: 'libs/middle' },
      { path: 'libs/middle/deep/inner' },
    ])
    const files = await unpack(commit)
    expect(files).toMatchObject({
      'outer.txt': 'outer',
      'libs/middle/middle.txt': 'middle',
      'libs/middle/deep/inner/inner.txt': 'inner',
    })
    // A second build finds them there.
    const fetches = host.fetches()
    await fetchAll(commit, connectedTo(outer))
    expect(host.fetches()).toBe(fetches)
  })
})

describe('credentials of a submodule’s own address', () => {
  test('are used, and stand in no argument list', async () => {
    let seen = 0
    const leaks: string[] = []
    const careful = await startRepositoryServer(tmpdir(), TOKEN, () => {
      seen++
      leaks.push(...argumentLists().filter((args) => args.includes(TOKEN) || args.includes(encodeURIComponent(TOKEN))))
    })
    try {
      const inner = await newTree({ 'a.txt': 'a' })
      const outer = await newTree({ 'b.txt': 'b' })
      const url = new URL(`${careful.url}/${basename(inner.directory)}/.git`)
      url.username = 'ada'
      url.password = TOKEN
      await addSubmodule(outer, 'libs/inner', inner, url.href)
      const commit = await pushed(outer)
      expect(await fetchAll(commit, null)).toMatchObject([{ path: 'libs/inner' }])
      expect([seen > 0, leaks]).toEqual([true, []])
    } finally {
      await careful.stop()
    }
  })
})

describe('a submodule is refused by its name', () => {
  const refused = async (url: string | null, connected: 'same host' | 'other host' | 'pushed') => {
    const inner = await newTree({ 'a.txt': 'a' })
    const outer = await newTree({ 'b.txt': 'b' })
    await addSubmodule(outer, 'libs/inner', inner, url ?? urlOf(inner))
    const commit = await pushed(outer)
    const other = { url: 'http://127.0.0.1:1/x.git', credentials: { user: 'git', token: TOKEN } }
    const remote = connected === 'pushed' ? null : connected === 'other host' ? other : connectedTo(outer)
    return fetchAll(commit, remote).then(
      () => 'fetched',
      (error: Error) => error.message,
    )
  }

  test('that is private, for a push and for a connection to another host, whose token it is not shown', async () => {
    expect(await refused(null, 'pushed')).toMatch(/The submodule libs\/inner could not be fetched\. .*denied access/)
    expect(await refused(null, 'other host')).toMatch(
      /The submodule libs\/inner could not be fetched\. .*denied access/,
    )
    expect(await refused(null, 'same host')).toBe('fetched')
  })

  test('over ssh, from a file, or with a relative address that leads nowhere', async () => {
    expect(await refused('git@github.com:acme/lib.git', 'same host')).toContain('over https only')
    expect(await refused(`file://${dirname(repository)}`, 'same host')).toContain('over https only')
    expect(await refused('../lib.git', 'pushed')).toContain('has the relative address ../lib.git')
    expect(await refused(`${host.url}/missing.git`, 'same host')).toContain('There is no repository at')
  })

  test('without an entry in .gitmodules', async () => {
    const outer = await newTree({ 'b.txt': 'b' })
    const head = (await outer.git('rev-parse', 'HEAD')).output.trim()
    await outer.git('update-index', '--add', '--cacheinfo', `160000,${head},vendor/x`)
    await outer.git('commit', '--quiet', '-m', 'A repository in a repository')
    await expect(fetchAll(await pushed(outer), null)).rejects.toThrow('vendor/x is a git repository inside yours')
  })
})

test('Git LFS pointers are refused by their names, below the root directory alone', async () => {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`
  const tree = await newTree({ 'web/logo.png': pointer, 'web/other.png': pointer, 'api/a.txt': 'x'.repeat(130) })
  const commit = await pushed(tree)
  const entries = await listTree(repository, commit)
  await expect(refuseLfsPointers(repository, entries, '')).rejects.toThrow(
    'web/logo.png and 1 other are only Git LFS pointers',
  )
  await refuseLfsPointers(repository, entries, 'api')
  expect(await readFile(join(tree.directory, 'web/logo.png'), 'utf8')).toBe(pointer)
})
