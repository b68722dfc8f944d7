import { BuildFailure } from '../failure.ts'
import type { Language } from '../plan.ts'
import { nodeLanguage } from './node.ts'
import { procfileLanguage } from './procfile.ts'
import { pythonLanguage } from './python.ts'
import { staticLanguage } from './static.ts'

const LANGUAGES: readonly Language[] = [nodeLanguage, pythonLanguage, staticLanguage, procfileLanguage]

/**
 * The language of a source tree.
 * @throws BuildFailure that lists what is recognised
 */
export async function detectLanguage(dir: string): Promise<Language> {
  for (const language of LANGUAGES) if (await language.detect(dir)) return language
  throw new BuildFailure(
    'Slipway does not recognise this app.',
    'Put one of these at the top of the repository: package.json (Node.js), requirements.txt or pyproject.toml (Python), index.html (static site), or a Procfile that says how it starts.',
  )
}
