import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isFile, readText } from '../../files.ts'

/** What is installed, and by which lockfile. */
export interface Requirements {
  /** For the log: `pip`, `uv`. */
  tool: 'pip' | 'uv' | 'poetry'
  /** The file that names them; null where there is none. */
  file: string | null
  /** Lines for `pip install -r`, from a lockfile of another tool; null: the file itself is for pip. */
  lines: string[] | null
  /** True where the project itself is installed (`pip install .`). */
  isProject: boolean
  /** Same key, same packages; null: cannot be known. */
  key: string | null
}

const pipfileLockSchema = z.object({
  default: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      markers: z.string().optional(),
      extras: z.array(z.string()).optional(),
      git: z.string().optional(),
      ref: z.string().optional(),
    }),
  ),
})

const FILES = ['uv.lock', 'poetry.lock', 'Pipfile.lock', 'requirements.txt', 'pyproject.toml', 'Pipfile', 'setup.py']
/** Lines whose packages can change though the line does not. */
const LOOSE = /^\s*(-e\b|--editable|\.{0,2}\/|git\+|file:|\.\s*$)/m

/** Finds what names the app's dependencies; lockfiles first. Null where nothing is to be installed. */
export async function findRequirements(dir: string): Promise<Requirements | null> {
  for (const file of FILES) {
    const text = await readText(dir, file)
    if (text === null) continue
    const key = await keyOf(dir, text)
    switch (file) {
      case 'uv.lock':
        return { tool: 'uv', file, lines: null, isProject: false, key }
      case 'poetry.lock':
        return { tool: 'poetry', file, lines: poetryLines(text), isProject: false, key }
      case 'Pipfile.lock':
        return { tool: 'pip', file, lines: pipfileLines(text), isProject: false, key }
      case 'Pipfile':
        return { tool: 'pip', file, lines: pipfileNames(text), isProject: false, key }
      case 'requirements.txt':
        return text.split('\n').some((line) => line.trim() !== '' && !line.trim().startsWith('#'))
          ? { tool: 'pip', file, lines: null, isProject: false, key: LOOSE.test(text) ? null : key }
          : null
      default:
        if (file === 'setup.py' || /^\s*\[(project|build-system)\]/m.test(text))
          return { tool: 'pip', file, lines: null, isProject: true, key: null }
    }
  }
  return null
}

async function keyOf(dir: string, text: string): Promise<string> {
  const hash = createHash('sha256').update(text)
  // Files that a requirements.txt includes.
  for (const [, name] of text.matchAll(/^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)/gm)) {
    if (name !== undefined && (await isFile(dir, name))) hash.update((await readText(dir, name)) ?? '')
  }
  return hash.digest('hex').slice(0, 24)
}

/** Packages of a poetry.lock that are not for development only. */
export function poetryLines(lock: string): string[] {
  return lock
    .split(/^\[\[package\]\]$/m)
    .slice(1)
    .flatMap((part) => {
      const field = (name: string) => new RegExp(`^${name} = (.+)$`, 'm').exec(part.split(/^\[/m)[0] ?? '')?.[1]
      const text = (name: string) => field(name)?.replace(/^"|"$/g, '')
      const groups = field('groups')
      const isMain = groups === undefined ? text('category') !== 'dev' : groups.includes('"main"')
      const [name, version] = [text('name'), text('version')]
      if (!isMain || field('optional') === 'true' || name === undefined || version === undefined) return []
      const marker = /^markers = ["'](.+)["']$/m.exec(part)?.[1]?.replaceAll('\\"', '"')
      return [`${name}==${version}${marker === undefined ? '' : ` ; ${marker}`}`]
    })
}

/** Packages of a Pipfile.lock, as pip wants them. */
export function pipfileLines(lock: string): string[] {
  const { default: packages } = pipfileLockSchema.parse(JSON.parse(lock))
  return Object.entries(packages).map(([name, { version = '', markers, extras, git, ref }]) => {
    const extra = extras === undefined ? '' : `[${extras.join(',')}]`
    const what = git === undefined ? `${name}${extra}${version}` : `${name}${extra} @ git+${git}@${ref ?? 'HEAD'}`
    return `${what}${markers === undefined ? '' : ` ; ${markers}`}`
  })
}

function pipfileNames(text: string): string[] {
  const section = /^\[packages\]$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^"?([\w.-]+)"?\s*=\s*(?:"([^"]*)"|\{.*?version\s*=\s*"([^"]*)".*\}|\{.*\})/gm)].map(
    ([, name, plain, inner]) => `${name}${(plain ?? inner ?? '*').replace(/^\*$/, '')}`,
  )
}
