import { cpSync, existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

/**
 * `node manifests.ts FROM TO`: copies what `npm ci` reads, and nothing else. An image's layer with the dependencies is then
 * built again only when a manifest has changed. A COPY instruction cannot do it: its globs lose the folders.
 */
const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error('usage: manifests.ts FROM TO')

const workspaces = ['apps', 'packages'].flatMap((folder) =>
  readdirSync(path.join(from, folder)).map((name) => `${folder}/${name}/package.json`),
)
for (const file of ['package.json', 'package-lock.json', '.npmrc', ...workspaces]) {
  if (existsSync(path.join(from, file))) cpSync(path.join(from, file), path.join(to, file))
}
