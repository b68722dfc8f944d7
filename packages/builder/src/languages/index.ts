import type { LanguageName } from '../detect-language.ts'
import type { Build } from '../plan.ts'
import { buildGo } from './go.ts'
import { buildJava } from './java/index.ts'
import { buildNode } from './node/index.ts'
import { buildPhp } from './php.ts'
import { buildProcfile } from './procfile.ts'
import { buildPython } from './python/index.ts'
import { buildRuby } from './ruby.ts'
import { buildStatic } from './static.ts'

/** How each language is built. */
export const BUILDS: Record<LanguageName, Build> = {
  node: buildNode,
  python: buildPython,
  java: buildJava,
  go: buildGo,
  ruby: buildRuby,
  php: buildPhp,
  static: buildStatic,
  procfile: buildProcfile,
}
