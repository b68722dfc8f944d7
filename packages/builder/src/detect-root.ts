import { BuildFailure } from './failure.ts'

/** Names and small files of a repository. */
export interface SourceFiles {
  /**
   * Files of the repository, as `git ls-tree -r --name-only` lists them. A partial list will do when it holds the top
   * level and two levels below the root directory; name folders that are not listed further with a `/` at the end.
   */
  files: readonly string[]
  /** Text of a small file; null where there is none. */
  read(path: string): Promise<string | null>
}

/** The app's root directory in its repository. Paths are relative to it. */
export interface SourceRoot {
  files: readonly string[]
  /** Files and folders of the first level, folders without their `/`. */
  names: readonly string[]
  has(file: string): boolean
  read(file: string): Promise<string | null>
  /** JSON of a file; null where there is none or where it is not valid. */
  json(file: string): Promise<unknown>
  /** A path as the repository calls it. */
  shown(file: string): string
  /** Folders of the first two levels that hold an app, as the repository calls them. */
  appsBelow(): string[]
}

const BYTE_ORDER_MARK = /^\uFEFF/
const MARKERS =
  /^((?:[^/]+\/){1,2})(package\.json|requirements\.txt|pyproject\.toml|Pipfile|go\.mod|Gemfile|composer\.json|pom\.xml|build\.gradle(?:\.kts)?|Dockerfile|index\.html|Procfile)$/
const NOT_APPS = /(^|\/)(node_modules|test|tests|docs?|examples?|vendor|fixtures|\..*)(\/|$)/

/**
 * The part of a repository below a root directory.
 * @throws BuildFailure naming what there is instead, where the folder does not exist
 */
export function openRoot(source: SourceFiles, rootDirectory: string): SourceRoot {
  const prefix = rootDirectory === '' ? '' : `${rootDirectory}/`
  const files = source.files.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  if (prefix !== '' && files.length === 0) throw missingRoot(source.files, rootDirectory)
  const present = new Set(files)
  const read = async (file: string) => (await source.read(prefix + file))?.replace(BYTE_ORDER_MARK, '') ?? null
  return {
    files,
    names: [...new Set(files.map((name) => name.split('/')[0] ?? ''))].filter((name) => name !== ''),
    has: (file) => present.has(file),
    read,
    async json(file) {
      try {
        return JSON.parse((await read(file)) ?? 'null')
      } catch (error) {
        if (error instanceof SyntaxError) return null
        throw error
      }
    },
    shown: (file) => prefix + file,
    appsBelow() {
      const folders = files.map((name) => MARKERS.exec(name)?.[1]?.slice(0, -1)).filter((name) => name !== undefined)
      return [...new Set(folders)].filter((name) => !NOT_APPS.test(name)).map((name) => prefix + name)
    },
  }
}

function missingRoot(files: readonly string[], rootDirectory: string): BuildFailure {
  const isFile = files.includes(rootDirectory)
  let parent = rootDirectory
  let siblings: string[] = []
  while (siblings.length === 0 && parent !== '') {
    parent = parent.includes('/') ? parent.slice(0, parent.lastIndexOf('/')) : ''
    siblings = foldersIn(files, parent)
  }
  const there = siblings.slice(0, 8).join(', ') + (siblings.length > 8 ? ' and others' : '')
  return new BuildFailure(
    isFile ? `The root directory ${rootDirectory} is a file.` : `The root directory ${rootDirectory} does not exist.`,
    siblings.length === 0
      ? 'The repository has no folders: leave the root directory empty.'
      : `The repository has ${there}. Correct the root directory, or leave it empty for the top.`,
  )
}

function foldersIn(files: readonly string[], parent: string): string[] {
  const prefix = parent === '' ? '' : `${parent}/`
  const folders = files
    .filter((name) => name.startsWith(prefix) && name.indexOf('/', prefix.length) > 0)
    .map((name) => name.slice(0, name.indexOf('/', prefix.length)))
  return [...new Set(folders)].sort()
}
