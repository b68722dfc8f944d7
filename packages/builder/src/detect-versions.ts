import semver from 'semver'
import { z } from 'zod'
import type { LanguageName } from './detect-language.ts'
import type { SourceRoot } from './detect-root.ts'

/** A version that the source asks for. */
export interface WantedVersion {
  /** As it is written: `>=18 <21`, `lts/iron`. */
  asked: string
  /** The file that asks. */
  file: string
  /** The release line that fits best, for choosing a base image: `20`, `3.12`. */
  version: string
}

/** Node.js release lines, preferred first: the one we run on, then LTS lines, then the rest. */
const NODE_LINES = [24, 22, 20, 18, 26, 25, 23, 21, 19, 16, 14, 12]
const NODE_NAMES: Record<string, string> = {
  'lts/*': '24',
  lts: '24',
  node: '24',
  stable: '24',
  'lts/krypton': '24',
  'lts/jod': '22',
  'lts/iron': '20',
  'lts/hydrogen': '18',
  'lts/gallium': '16',
  'lts/fermium': '14',
}

const packageSchema = z.object({ engines: z.object({ node: z.string() }) })
const composerSchema = z.object({ require: z.object({ php: z.string() }) })

type Reader = (root: SourceRoot) => Promise<WantedVersion | null>

const firstLine = (text: string | null) =>
  text
    ?.split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .find((line) => line !== '') ?? null

/** Reads a pattern out of a file; its first group is the version. */
const inFile =
  (file: string, pattern: RegExp): Reader =>
  async (root) => {
    const asked = pattern
      .exec((await root.read(file)) ?? '')
      ?.slice(1)
      .find((group) => group !== undefined)
    return asked === undefined ? null : { asked, file, version: shortened(asked) }
  }

/** `3.12.4` → `3.12`, `>=3.10,<4` → `3.10`. */
const shortened = (asked: string) => /\d+(\.\d+)?/.exec(asked)?.[0] ?? asked
const majorOnly =
  (reader: Reader): Reader =>
  async (root) => {
    const wanted = await reader(root)
    return wanted && { ...wanted, version: wanted.version.replace(/^1\.(?=\d)/, '').split('.')[0] ?? wanted.version }
  }

const nodeFile =
  (file: string): Reader =>
  async (root) => {
    const asked = firstLine(await root.read(file))
    const version = asked === null ? null : nodeLine(asked)
    return asked === null || version === null ? null : { asked, file, version }
  }

const engines: Reader = async (root) => {
  const asked = packageSchema.safeParse(await root.json('package.json')).data?.engines.node
  const version = asked === undefined ? null : nodeLine(asked)
  return asked === undefined || version === null ? null : { asked, file: 'package.json', version }
}

const composer: Reader = async (root) => {
  const asked = composerSchema.safeParse(await root.json('composer.json')).data?.require.php
  return asked === undefined ? null : { asked, file: 'composer.json', version: shortened(asked) }
}

const toolVersions = (name: string): Reader => inFile('.tool-versions', new RegExp(`^${name}\\s+(\\S+)`, 'm'))

const READERS: Record<LanguageName, readonly Reader[]> = {
  // engines first, as on Heroku; the others are what a developer's version manager follows.
  node: [engines, nodeFile('.nvmrc'), nodeFile('.node-version'), toolVersions('nodejs')],
  python: [
    inFile('.python-version', /^\s*(?:python-)?(\d+\.\d+(?:\.\d+)?)/m),
    inFile('runtime.txt', /^python-(\d+\.\d+(?:\.\d+)?)/m),
    inFile('Pipfile', /^python_(?:full_)?version\s*=\s*["']([^"']+)/m),
    inFile('pyproject.toml', /^(?:requires-python|python)\s*=\s*["']([^"'*]+)/m),
    toolVersions('python'),
  ],
  java: [
    inFile('system.properties', /^java\.runtime\.version\s*=\s*(\S+)/m),
    inFile('.java-version', /^\s*(?:[a-z-]+)?([\d.]+)/m),
    inFile('pom.xml', /<(?:java\.version|maven\.compiler\.release|maven\.compiler\.target)>\s*([\d.]+)\s*</),
    inFile('build.gradle', /JavaLanguageVersion\.of\((\d+)\)|(?:source|target)Compatibility\s*=\s*\D{0,25}([\d.]+)/),
    inFile('build.gradle.kts', /JavaLanguageVersion\.of\((\d+)\)|jvmToolchain\((\d+)\)/),
    toolVersions('java'),
  ].map(majorOnly),
  go: [inFile('go.mod', /^go\s+(\d+\.\d+(?:\.\d+)?)/m), inFile('go.work', /^go\s+(\d+\.\d+(?:\.\d+)?)/m)],
  ruby: [
    inFile('.ruby-version', /^\s*(?:ruby-)?(\d+\.\d+(?:\.\d+)?)/m),
    inFile('Gemfile', /^\s*ruby\s+["'](?:~>\s*)?([\d.]+)/m),
    inFile('Gemfile.lock', /^RUBY VERSION\s+ruby\s+(\d+\.\d+\.\d+)/m),
    toolVersions('ruby'),
  ],
  php: [composer, inFile('.php-version', /^\s*(\d+\.\d+)/m)],
  static: [],
  procfile: [],
}

/** The version that a source asks for; null where it does not. */
export async function wantedVersion(language: LanguageName, root: SourceRoot): Promise<WantedVersion | null> {
  for (const reader of READERS[language]) {
    const wanted = await reader(root)
    if (wanted !== null) return wanted
  }
  return null
}

/** What `engines.node` or .nvmrc says as a range of semver; null where it is neither a range nor a name. */
export function nodeRange(asked: string): string | null {
  return semver.validRange(NODE_NAMES[asked.toLowerCase()] ?? asked)
}

/** The release line for a range or a name; null for what is neither. */
function nodeLine(asked: string): string | null {
  const range = nodeRange(asked)
  if (range === null) return null
  const line = NODE_LINES.find((each) => semver.intersects(range, `${each}.x`))
  return String(line ?? semver.minVersion(range)?.major ?? NODE_LINES[0])
}
