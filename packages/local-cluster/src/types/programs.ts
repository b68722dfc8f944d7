import { accessSync, constants, statSync } from 'node:fs'

/** Whether there is a program that we may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // Absent, a broken link or not allowed: not a program we can run.
  }
}

/** For a shell: the text and nothing else. */
export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
