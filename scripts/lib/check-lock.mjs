// Every package of a lock file names its archive at the public registry. Without the address npm first fetches the list of
// all versions of each: twice the bytes and three times as long. npm puts another registry's address in its place where
// one is configured.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './steps.mjs'

let wrong = 0
for (const file of ['package-lock.json', 'scripts/node/package-lock.json']) {
  const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  for (const [name, { integrity, resolved }] of Object.entries(packages)) {
    if (!integrity || resolved?.startsWith('https://registry.npmjs.org/')) continue
    wrong += 1
    console.error(`${file}: ${name} has no address at https://registry.npmjs.org/`)
  }
}
if (wrong > 0) console.error('Run npm install with the public registry, or without omit-lockfile-registry-resolved.')
process.exit(wrong > 0 ? 1 : 0)
