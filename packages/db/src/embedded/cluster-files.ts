import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '@slipway/domain/errors'
import type { PostgresBinaries } from './binaries.ts'
import { giveTo, PROGRAM_ENV, type RunAs } from './run-as.ts'

export const SUPERUSER = 'slipway'

/** A socket's path fits in 107 bytes (Linux) or 103 (macOS); Postgres adds `/.s.PGSQL.5432.lock`. */
const MAX_SOCKET_DIR_BYTES = 80
const MAX_LOG_BYTES = 10 * 1024 * 1024

/** What lies where under the embedded Postgres' directory. */
export function filesOf(dir: string) {
  const inside = path.join(dir, 'run')
  const short = path.join(tmpdir(), `slipway-pg-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`)
  return {
    data: path.join(dir, 'data'),
    password: path.join(dir, 'password'),
    log: path.join(dir, 'postgres.log'),
    owner: path.join(dir, 'owner'),
    sockets: Buffer.byteLength(inside) <= MAX_SOCKET_DIR_BYTES ? inside : short,
  } as const
}
export type ClusterFiles = ReturnType<typeof filesOf>

/** The superuser's password: made on first use, mode 600. */
async function readOrMakePassword(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known) return known.trim()
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  return password
}

/** Runs one of Postgres' programs to its end. Rejects with what it printed. */
async function runProgram(runAs: RunAs, program: string, args: string[]): Promise<void> {
  const [command = program, ...rest] = [...runAs.prefix, program, ...args]
  const child = spawn(command, rest, {
    uid: runAs.uid,
    gid: runAs.gid,
    cwd: '/',
    env: PROGRAM_ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new AppError('internal', `${path.basename(program)} failed: ${output.trim()}`)
}

/** initdb into a directory beside, then a rename: a data directory is there whole or not at all. */
async function initialise(
  files: ClusterFiles,
  binaries: PostgresBinaries,
  runAs: RunAs,
  password: string,
): Promise<void> {
  const unfinished = `${files.data}.unfinished`
  const passwordFile = `${files.password}.initdb`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  await giveTo(unfinished, runAs)
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  await giveTo(passwordFile, runAs)
  try {
    await runProgram(runAs, path.join(binaries.home, 'bin/initdb'), [
      `--pgdata=${unfinished}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      '--no-instructions',
    ])
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(unfinished, files.data)
}

/** Makes what is missing of the directory, hands it to the user that Postgres runs as, and answers the password. */
export async function prepareFiles(files: ClusterFiles, binaries: PostgresBinaries, runAs: RunAs): Promise<string> {
  const password = await readOrMakePassword(files.password)
  const version = await readFile(path.join(files.data, 'PG_VERSION'), 'utf8').catch(() => '')
  const major = binaries.version.split('.')[0]
  if (version && version.trim() !== major) {
    throw new AppError(
      'conflict',
      `${files.data} was written by Postgres ${version.trim()}, the packaged one is ${major}. Use the Slipway version that wrote it to export the data.`,
    )
  }
  if (!version) await initialise(files, binaries, runAs, password)
  await giveTo(files.data, runAs)
  await mkdir(files.sockets, { recursive: true, mode: 0o700 })
  await giveTo(files.sockets, runAs)
  return password
}

/** Keeps one older log of at most 10 MiB. The file stays the same one, which Postgres appends to. */
export async function rotateLog(file: string): Promise<void> {
  const { size } = await stat(file).catch(() => ({ size: 0 }))
  if (size <= MAX_LOG_BYTES) return
  await copyFile(file, `${file}.1`)
  await truncate(file, 0)
}
