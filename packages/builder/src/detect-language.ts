import { z } from 'zod'
import type { SourceRoot } from './detect-root.ts'

/** What Slipway builds by itself. `procfile`: nothing to build, started as its Procfile says. */
export type LanguageName = 'node' | 'python' | 'java' | 'go' | 'ruby' | 'php' | 'static' | 'procfile'

/** As the log says it. */
export const TITLES: Record<LanguageName, string> = {
  node: 'Node.js app',
  python: 'Python app',
  java: 'Java app',
  go: 'Go app',
  ruby: 'Ruby app',
  php: 'PHP app',
  static: 'Static site',
  procfile: 'Procfile',
}

/** Folders that a committed site is found in, the top first. */
export const SITE_DIRS = ['', 'public/', 'dist/', 'build/', 'out/', '_site/', 'www/']

/** In the order in which they are asked. */
const FILES: readonly [LanguageName, readonly string[]][] = [
  ['ruby', ['Gemfile']],
  [
    'python',
    [
      'requirements.txt',
      'pyproject.toml',
      'Pipfile',
      'uv.lock',
      'poetry.lock',
      'setup.py',
      'manage.py',
      'environment.yml',
    ],
  ],
  ['java', ['pom.xml', 'build.gradle', 'build.gradle.kts', 'mvnw', 'gradlew']],
  ['php', ['composer.json', 'index.php', 'public/index.php']],
  ['go', ['go.mod', 'go.work', 'main.go']],
]
/** Files that say of what kind an app is though it has a package.json for its styles and scripts. */
const FRAMEWORK_FILES = ['config.ru', 'bin/rails', 'manage.py', 'artisan', 'index.php', 'public/index.php', 'pom.xml']
/** Programs at the head of a web process. */
const PROGRAMS: readonly [LanguageName, RegExp][] = [
  ['node', /^(node|npm|npx|yarn|pnpm|bun|bunx|next|tsx|ts-node)$/],
  [
    'python',
    /^(python[\d.]*|gunicorn|uvicorn|hypercorn|daphne|flask|waitress-serve|streamlit|uv|poetry|pipenv|celery)$/,
  ],
  ['ruby', /^(bundle|ruby|rails|rackup|puma|unicorn|thin|bin\/rails)$/],
  ['php', /^(php|vendor\/bin\/heroku-php-(apache2|nginx)|heroku-php-(apache2|nginx))$/],
  ['java', /^java$/],
]
/** Files that Heroku's buildpacks know and we do not. */
export const BUILDPACK_FILES: readonly [RegExp, string][] = [
  [/^project\.toml$/, 'project.toml'],
  [/\.(cs|fs|vb)proj$|\.slnx?$|^global\.json$/, '.NET'],
  [/^build\.sbt$/, 'Scala'],
]
const FOREIGN: readonly [RegExp, string][] = [
  [/^Cargo\.toml$/, 'a Rust app'],
  [/^mix\.exs$/, 'an Elixir app'],
  [/^deno\.jsonc?$/, 'a Deno app'],
  [/^pubspec\.yaml$/, 'a Dart app'],
  [/^Package\.swift$/, 'a Swift app'],
  [/^shard\.yml$/, 'a Crystal app'],
  [/^(stack\.yaml|cabal\.project)$|\.cabal$/, 'a Haskell app'],
  [/^gleam\.toml$/, 'a Gleam app'],
  [/^rebar\.config$/, 'an Erlang app'],
  [/^(project|deps)\.(clj|edn)$/, 'a Clojure app'],
  [/^hugo\.(toml|yaml|json)$/, 'a Hugo site'],
]

const scriptsSchema = z.object({ scripts: z.record(z.string(), z.unknown()).optional() })

/** The language that the app is written in; null where it is none of ours. */
export async function languageOf(root: SourceRoot): Promise<LanguageName | null> {
  const found = FILES.filter(([, files]) => files.some((file) => root.has(file))).map(([language]) => language)
  const isNode = root.has('package.json')
  const candidates = isNode ? [...found, 'node' as const] : found
  if (candidates.length > 1) {
    const named = programLanguage(await root.read('Procfile'))
    if (named !== null && candidates.includes(named)) return named
  }
  if (isNode && (found.length === 0 || (await startsByItself(root)))) return 'node'
  if (found[0] !== undefined) return found[0]
  // One command of a module whose go.mod is above.
  if (root.names.some((name) => /^[^/]+\.go$/.test(name))) return 'go'
  if (root.has('Procfile')) return programLanguage(await root.read('Procfile')) === 'node' ? bareNode(root) : 'procfile'
  if (SITE_DIRS.some((dir) => root.has(`${dir}index.html`))) return 'static'
  if (['server.js', 'app.js', 'index.js', 'server.mjs', 'index.mjs'].some((file) => root.has(file))) return 'node'
  return ['main.py', 'app.py', 'server.py'].some((file) => root.has(file)) ? 'python' : null
}

/** A lone Procfile whose program is node: the same as a Node.js app without package.json. */
const bareNode = (root: SourceRoot): LanguageName =>
  root.names.some((name) => /\.[cm]?[jt]s$/.test(name)) ? 'node' : 'procfile'

async function startsByItself(root: SourceRoot): Promise<boolean> {
  if (FRAMEWORK_FILES.some((file) => root.has(file))) return false
  const scripts = scriptsSchema.safeParse(await root.json('package.json')).data?.scripts ?? {}
  return 'start' in scripts || 'start:prod' in scripts
}

/** Language of the program that a Procfile's web process (or else its first) runs. */
function programLanguage(procfile: string | null): LanguageName | null {
  const lines = [...(procfile ?? '').matchAll(/^([A-Za-z0-9_-]+):\s*(.+)$/gm)]
  const command = (lines.find((line) => line[1] === 'web') ?? lines[0])?.[2] ?? ''
  const words = command.split(/\s+/).filter((word) => !/^[A-Za-z_]\w*=/.test(word) && word !== 'exec')
  const program = words[0]?.replace(/^\.\//, '') ?? ''
  return PROGRAMS.find(([, pattern]) => pattern.test(program))?.[0] ?? null
}

/** A language that is recognised only to say that it is not built. */
export function unknownLanguage(root: SourceRoot): { title: string; file: string } | null {
  for (const [pattern, title] of FOREIGN) {
    const file = root.names.find((name) => pattern.test(name))
    if (file !== undefined) return { title, file }
  }
  return null
}
