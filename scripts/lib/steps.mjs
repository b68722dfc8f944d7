// What the scripts have in common. Plain JavaScript, Node's own modules only.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** Ends the command with one line that says what is wrong. */
export function fail(message) {
  console.error(`slipway: ${message}`)
  process.exit(1)
}

/** Prints a step and, when it ends, how long it took and what `work` says of it. */
export async function step(title, work) {
  const startedAt = Date.now()
  process.stdout.write(`  ${title} …\n`)
  const result = await work()
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(`  ${title}: done in ${seconds} s${typeof result === 'string' ? ` (${result})` : ''}\n`)
}

/** Runs a command whose output is shown only when it fails. Rejects with the output's end. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    const keep = (chunk) => {
      output = (output + chunk).slice(-16_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code, signal) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `code ${code}`}\n${output}`)),
    )
  })
}

/** SHA-256 over the names and contents of files and folders, without what is generated. */
export function hashOf(entries, extra = '') {
  const hash = createHash('sha256').update(extra)
  const visit = (entry) => {
    if (!existsSync(entry)) return
    if (statSync(entry).isDirectory()) {
      for (const name of readdirSync(entry).sort()) {
        if (!['node_modules', '.next', 'generated', 'next-env.d.ts', 'tsconfig.tsbuildinfo'].includes(name))
          visit(path.join(entry, name))
      }
      return
    }
    hash.update(path.relative(root, entry)).update('\0').update(readFileSync(entry)).update('\0')
  }
  for (const entry of entries) visit(path.join(root, entry))
  return hash.digest('hex')
}

/** Runs `work` unless the stamp file says that it has been done for the same inputs. */
export async function once(stampFile, hash, title, work) {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return
  await step(title, work)
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, hash)
}
