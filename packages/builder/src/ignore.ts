import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import ignore from 'ignore'
import { readText } from './files.ts'
import type { BuildLog } from './log.ts'

/**
 * Removes what .slugignore names, before anything else sees the tree, as on Heroku.
 * Reference: https://devcenter.heroku.com/articles/slug-compiler#ignoring-files-with-slugignore
 */
export async function applySlugIgnore(dir: string, log: BuildLog): Promise<void> {
  const text = await readText(dir, '.slugignore')
  if (text === null) return
  // Heroku does not know negation; where it is written, it is meant.
  const rules = ignore().add(text)
  let removed = 0
  const visit = async (relative: string): Promise<void> => {
    for (const entry of await readdir(path.join(dir, relative), { withFileTypes: true })) {
      const name = relative === '' ? entry.name : `${relative}/${entry.name}`
      if (name === '.git') continue
      if (rules.ignores(entry.isDirectory() ? `${name}/` : name)) {
        await rm(path.join(dir, name), { recursive: true, force: true })
        removed += 1
      } else if (entry.isDirectory()) await visit(name)
    }
  }
  await visit('')
  log.line(`.slugignore left out ${removed} ${removed === 1 ? 'file or folder' : 'files and folders'}`)
}
