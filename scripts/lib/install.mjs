// What npm installs, and what it says meanwhile. Runs on the machine's own Node, before anything is installed.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { hashOf, root, run, step } from './steps.mjs'

const STAMP = path.join(root, 'node_modules/.slipway-installed')
const NODE_PROJECT = path.join(root, 'scripts/node')
/** Where the Node lies that was fetched because the machine's own is too old. */
export const FETCHED_NODE = path.join(NODE_PROJECT, `node_modules/node-${process.platform}-${process.arch}`)

const PROGRESS_INTERVAL_MS = 3_000
/** Packages from this size on are named. */
const LARGE_BYTES = 5_000_000

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`

/** The packages of a lock file with the files in which npm's cache keeps their archives. */
function archives(lockFile) {
  const cache = path.join(process.env.npm_config_cache ?? path.join(homedir(), '.npm'), '_cacache/content-v2')
  return Object.entries(JSON.parse(readFileSync(lockFile, 'utf8')).packages)
    .filter(([, { integrity }]) => integrity)
    .map(([key, { integrity }]) => {
      const [algorithm, digest] = integrity.split(' ')[0].split('-')
      const hex = Buffer.from(digest, 'base64').toString('hex')
      return {
        name: key.split('node_modules/').pop(),
        file: path.join(cache, algorithm, hex.slice(0, 2), hex.slice(2, 4), hex.slice(4)),
      }
    })
}

/** Follows what arrives in npm's cache; `end` answers the sum in words. */
function watchDownloads(lockFile) {
  const missing = new Map(archives(lockFile).map(({ name, file }) => [file, name]))
  for (const file of missing.keys()) if (existsSync(file)) missing.delete(file)
  let count = 0
  let bytes = 0
  const look = () => {
    const large = []
    for (const [file, name] of missing) {
      const size = statSync(file, { throwIfNoEntry: false })?.size
      if (size === undefined) continue
      missing.delete(file)
      count += 1
      bytes += size
      if (size >= LARGE_BYTES) large.push(`${name} ${megabytes(size)}`)
    }
    return large
  }
  let shown = 0
  const timer = setInterval(() => {
    const large = look()
    if (count === shown) return
    shown = count
    const named = large.length > 0 ? `, among them ${large.join(', ')}` : ''
    process.stdout.write(`    downloaded: ${count} packages, ${megabytes(bytes)}${named}\n`)
  }, PROGRESS_INTERVAL_MS)
  return () => {
    clearInterval(timer)
    look()
    return count > 0 ? `${count} packages, ${megabytes(bytes)} downloaded` : 'nothing to download'
  }
}

/** Runs npm in a folder and answers what it downloaded. No package's install script is needed, so none is run. */
async function npm(folder, args) {
  const end = watchDownloads(path.join(folder, 'package-lock.json'))
  try {
    await run('npm', [...args, '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
    })
    return end()
  } catch (error) {
    end()
    throw error
  }
}

/** What the last install brought: `start` leaves out the development dependencies, which only tests and checks use. */
function readStamp() {
  const [hash, kind = 'test'] = existsSync(STAMP) ? readFileSync(STAMP, 'utf8').trim().split(' ') : ['', 'start']
  return { hash, kind }
}

/**
 * Installs what the lock file says, unless that has been done.
 * @param kind `start` or `test`. A clone that was tested stays complete.
 */
export async function installPackages(kind) {
  const hash = hashOf(['package-lock.json'])
  const last = readStamp()
  const wanted = last.kind === 'test' ? 'test' : kind
  if (last.hash === hash && (last.kind === 'test' || kind === 'start')) return
  // What is there is right and stays; only the development dependencies are added.
  const adds = last.hash === hash
  const title = adds ? 'Installing what the tests need' : 'Installing dependencies'
  await step(title, () =>
    npm(root, [
      adds ? 'install' : 'ci',
      ...(adds ? ['--no-save'] : []),
      wanted === 'test' ? '--include=dev' : '--omit=dev',
    ]),
  )
  mkdirSync(path.dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, `${hash} ${wanted}`)
}

/** Fetches a Node for this platform; does nothing where it is there, and brings nothing where none is published. */
export async function fetchNode() {
  const stamp = path.join(NODE_PROJECT, 'node_modules/.slipway-installed')
  const hash = hashOf(['scripts/node/package-lock.json'])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  await step(`Fetching a newer Node (this machine has ${process.version})`, () => npm(NODE_PROJECT, ['ci']))
  mkdirSync(path.dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

/** Lets npm's scripts and the command line find the fetched Node; an install removes the links as foreign. */
export function linkNode() {
  if (!existsSync(FETCHED_NODE)) return
  const links = [
    [path.join(root, 'node_modules/node'), FETCHED_NODE],
    [path.join(root, 'node_modules/.bin/node'), path.join(FETCHED_NODE, 'bin/node')],
  ]
  for (const [link, target] of links) {
    if (existsSync(link)) continue
    rmSync(link, { force: true })
    symlinkSync(path.relative(path.dirname(link), target), link)
  }
}
