import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { appendLog, type Database } from '@slipway/db'

const NAME = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.log$/

/**
 * Moves the logs that earlier versions kept as files, `<stateDir>/build-logs/<id>.log`, into the database. Their lines have the
 * form of today. A file goes once its rows are there, so a crash in between loses and repeats nothing.
 */
export async function importFileLogs(db: Database, stateDir: string): Promise<number> {
  const directory = join(stateDir, 'build-logs')
  const names = await namesIn(directory)
  for (const name of names) {
    const id = NAME.exec(name)?.[1]
    if (id === undefined) continue
    const text = await readFile(join(directory, name), 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1).replaceAll('\0', '\ufffd')
    await appendLog(db, { owner: 'build', id }, (sizeBefore) => (sizeBefore === 0 ? whole : ''))
    await rm(join(directory, name))
  }
  await rm(directory, { recursive: true, force: true })
  return names.length
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
