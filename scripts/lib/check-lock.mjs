// Every package of a lock file has an integrity and names its archive at the public registry. Without the one anything that is
// answered would be installed. Without the address npm first fetches the list of
// all versions of each: twice the bytes and three times as long. npm puts another registry's address in its place where
// one is configured.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './steps.mjs'

let wrong = 0
for (const file of ['package-lock.json', 'scripts/node/package-lock.json']) {
  const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8'))
  for (const [name, { integrity, resolved, link, inBundle }] of Object.entries(packages)) {
    // Our own packages are links to folders; what comes inside another's archive has that one's integrity.
    if (!/(^|\/)node_modules\//.test(name) || link || inBundle) continue
    const missing = [
      /^sha(256|384|512)-/.test(integrity ?? '') ? null : 'integrity (sha256 or longer)',
      resolved?.startsWith('https://registry.npmjs.org/') ? null : 'address at https://registry.npmjs.org/',
    ].filter((what) => what !== null)
    if (missing.length === 0) continue
    wrong += 1
    console.error(`${file}: ${name} has no ${missing.join(' and no ')}`)
  }
}
if (wrong > 0) console.error('Run npm install with the public registry, or without omit-lockfile-registry-resolved.')
process.exit(wrong > 0 ? 1 : 0)
