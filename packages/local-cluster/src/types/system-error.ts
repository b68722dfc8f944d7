/** Errors of the operating system, as Node tells of them: by a code such as `ENOENT`. */

/** Empty for errors of another kind. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

export const hasCode = (error: unknown, ...codes: readonly string[]): boolean => codes.includes(codeOf(error))

/** For `catch`: what stands for a file or directory that is not there; every other error goes on. */
export function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, 'ENOENT')) return value
    throw error
  }
}
