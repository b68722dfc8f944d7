import type { BuildSettings, BuildStrategy } from '@slipway/domain'
import { BUILDPACK_FILES, type LanguageName, languageOf, TITLES, unknownLanguage } from './detect-language.ts'
import { openRoot, type SourceFiles, type SourceRoot } from './detect-root.ts'
import { wantedVersion } from './detect-versions.ts'
import { BuildFailure } from './failure.ts'

export { BuildFailure } from './failure.ts'

/** A source tree as `detect` sees it. Paths are relative to the top of the repository, with `/`. */
export interface Source extends SourceFiles {
  settings: BuildSettings
}

/** How a tree is built. */
export interface Detected {
  strategy: BuildStrategy
  /** Null where the strategy finds it out by itself. */
  language: LanguageName | null
  /** Version of the language that the source wants, as short as it says it: `22`, `3.12`; null: any. */
  version: string | null
  /** One line for the log. */
  reason: string
}

const COMPOSE = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml']

/**
 * Chooses strategy and language from file names and a few small files. Pure: the platform calls it on a commit before
 * the build's Job is rendered, the builder again on the unpacked tree.
 * @throws BuildFailure where nothing fits, with what to do
 */
export async function detect({ settings, ...files }: Source): Promise<Detected> {
  const root = openRoot(files, settings.rootDirectory)
  switch (settings.builder) {
    case 'dockerfile':
      return dockerfile(root, settings, 'The app is set to build from its Dockerfile')
    case 'buildpacks':
      return {
        strategy: 'buildpacks',
        language: null,
        version: null,
        reason: 'The app is set to build with buildpacks',
      }
    case 'native':
      return native(root, settings)
    case 'automatic':
      return automatic(root, settings)
  }
}

async function automatic(root: SourceRoot, settings: BuildSettings): Promise<Detected> {
  if (root.has(settings.dockerfile) || settings.dockerfile !== 'Dockerfile') {
    return dockerfile(root, settings, `${settings.dockerfile} found`)
  }
  const language = await languageOf(root)
  if (language !== null) return native(root, settings)
  const known = BUILDPACK_FILES.find(([pattern]) => root.names.some((name) => pattern.test(name)))
  if (known !== undefined) {
    const reason = `${known[1]} app: built with buildpacks`
    return { strategy: 'buildpacks', language: null, version: null, reason }
  }
  throw notRecognised(root)
}

function dockerfile(root: SourceRoot, settings: BuildSettings, reason: string): Detected {
  if (root.has(settings.dockerfile)) return { strategy: 'dockerfile', language: null, version: null, reason }
  const others = root.files.filter((name) => /(^|\/)(Dockerfile[^/]*|[^/]+\.Dockerfile|Containerfile)$/i.test(name))
  const wanted = root.shown(settings.dockerfile)
  throw new BuildFailure(
    `The Dockerfile ${wanted} does not exist.`,
    others.length === 0
      ? 'Add it, or set another builder.'
      : `Set the path of the Dockerfile to ${others.slice(0, 3).join(' or ')}, or set another builder.`,
  )
}

async function native(root: SourceRoot, settings: BuildSettings): Promise<Detected> {
  const language = await languageOf(root)
  if (language === null && root.has(settings.dockerfile)) {
    throw new BuildFailure(
      `There is a Dockerfile (${root.shown(settings.dockerfile)}) and no language that Slipway builds by itself.`,
      'Set the builder to automatic or dockerfile, and push again.',
    )
  }
  if (language === null) throw notRecognised(root)
  const version = (await wantedVersion(language, root))?.version ?? null
  return { strategy: 'native', language, version, reason: `${TITLES[language]} detected` }
}

function notRecognised(root: SourceRoot): BuildFailure {
  const compose = COMPOSE.find((name) => root.has(name))
  if (compose !== undefined) {
    return new BuildFailure(
      `There is only ${compose} here, which describes several services, and no app that can be built.`,
      'Create one app per service: an image app for each image, an app with a root directory for each folder that is built.',
    )
  }
  const foreign = unknownLanguage(root)
  if (foreign !== null) {
    return new BuildFailure(
      `This is ${foreign.title} (${foreign.file}), which Slipway has no builder for.`,
      'Add a Dockerfile that builds it, and push again.',
    )
  }
  const below = root.appsBelow()
  if (below.length > 0) {
    return new BuildFailure(
      `There is no app at the top of the repository, but there is one in ${below.slice(0, 5).join(', ')}.`,
      `Set the app's root directory, for example to ${below[0]}.`,
    )
  }
  return new BuildFailure(
    'Slipway does not recognise this app.',
    'Put one of these at the top: Dockerfile, package.json (Node.js), requirements.txt or pyproject.toml (Python), pom.xml or build.gradle (Java), go.mod (Go), Gemfile (Ruby), composer.json (PHP), index.html (static site), or a Procfile that says how it starts.',
  )
}
