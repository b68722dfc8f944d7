import { buildSettingsSchema } from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { detect } from './detect.ts'
import { BuildFailure } from './failure.ts'

type Files = Record<string, string>

const detected = (files: Files, settings: object = {}) =>
  detect({
    files: Object.keys(files),
    read: async (path) => files[path] ?? null,
    settings: buildSettingsSchema.parse(settings),
  })

async function refusal(files: Files, settings: object = {}): Promise<string> {
  const error = await detected(files, settings).catch((reason: unknown) => reason)
  if (!(error instanceof BuildFailure)) throw new Error(`not refused: ${JSON.stringify(error)}`)
  return `${error.message} ${error.action}`
}

describe('the strategy', () => {
  it.each<[string, Files, object, string, string | null]>([
    ['a Dockerfile beside a language', { Dockerfile: '', 'package.json': '{}' }, {}, 'dockerfile', null],
    ['another Dockerfile', { 'docker/web': '' }, { dockerfile: 'docker/web' }, 'dockerfile', null],
    ['native though there is a Dockerfile', { Dockerfile: '', 'go.mod': '' }, { builder: 'native' }, 'native', 'go'],
    ['asked for', { 'package.json': '{}' }, { builder: 'buildpacks' }, 'buildpacks', null],
    ['what only buildpacks know', { 'Web.csproj': '' }, {}, 'buildpacks', null],
    ['a language', { 'package.json': '{}' }, {}, 'native', 'node'],
    [
      'below a root directory',
      { Dockerfile: '', 'apps/api/go.mod': 'go 1.22' },
      { rootDirectory: 'apps/api' },
      'native',
      'go',
    ],
  ])('%s', async (_what, files, settings, strategy, language) => {
    expect(await detected(files, settings)).toMatchObject({ strategy, language })
  })

  it.each<[string, Files, object, RegExp]>([
    ['nothing known', { 'notes.txt': '' }, {}, /does not recognise.*package\.json.*Procfile/],
    [
      'a compose file only',
      { 'docker-compose.yml': '', 'db/init.sql': '' },
      {},
      /only docker-compose\.yml.*one app per service/,
    ],
    ['Rust', { 'Cargo.toml': '', 'src/main.rs': '' }, {}, /a Rust app \(Cargo\.toml\).*Add a Dockerfile/],
    [
      'apps below the top',
      { 'README.md': '', 'web/package.json': '', 'api/go.mod': '' },
      {},
      /one in web, api\..*root directory.*web/,
    ],
    [
      'no Dockerfile',
      { 'docker/Dockerfile': '' },
      { builder: 'dockerfile' },
      /Dockerfile does not exist.*docker\/Dockerfile/,
    ],
    [
      'a Dockerfile set that is not there',
      { 'package.json': '' },
      { dockerfile: 'Web.Dockerfile' },
      /Web\.Dockerfile does not exist/,
    ],
    [
      'a root directory that is not there',
      { 'apps/api/go.mod': '', 'apps/docs/x': '' },
      { rootDirectory: 'apps/web' },
      /apps\/web does not exist\. The repository has apps\/api, apps\/docs/,
    ],
    ['a root directory that is a file', { 'apps/web': '' }, { rootDirectory: 'apps/web' }, /apps\/web is a file/],
  ])('refuses %s', async (_what, files, settings, expected) => {
    expect(await refusal(files, settings)).toMatch(expected)
  })
})

describe('the language', () => {
  it.each<[string, Files, string]>([
    ['package.json', { 'package.json': '{"scripts":{"start":"x"}}', 'requirements.txt': '' }, 'node'],
    [
      'Django with a package.json for its styles',
      { 'package.json': '{"scripts":{"start":"x"}}', 'requirements.txt': '', 'manage.py': '' },
      'python',
    ],
    ['Rails', { Gemfile: '', 'config.ru': '', 'package.json': '{"scripts":{"build":"x"}}' }, 'ruby'],
    ['Laravel', { 'composer.json': '{}', artisan: '', 'package.json': '{}' }, 'php'],
    ['Go with tools in package.json', { 'go.mod': '', 'package.json': '{"devDependencies":{}}' }, 'go'],
    [
      'the Procfile decides',
      { 'requirements.txt': '', 'package.json': '{"scripts":{"start":"x"}}', Procfile: 'web: FOO=1 gunicorn app:app' },
      'python',
    ],
    ['a Maven wrapper', { mvnw: '', 'pom.xml': '' }, 'java'],
    ['a lone script', { 'server.js': '' }, 'node'],
    ['plain pages', { 'public/index.html': '' }, 'static'],
    ['a Procfile alone', { Procfile: 'web: ./run' }, 'procfile'],
  ])('%s', async (_what, files, language) => {
    expect((await detected(files)).language).toBe(language)
  })
})

describe('the version that the source wants', () => {
  const pkg = (node: string) => ({ 'package.json': JSON.stringify({ engines: { node } }) })
  it.each<[string, Files, string | null]>([
    ['18.x', pkg('18.x'), '18'],
    ['a range with the preferred line in it', pkg('>=18'), '24'],
    ['a bounded range', pkg('>=18 <21'), '20'],
    ['alternatives', pkg('^14.18.0 || ^16.10.0'), '16'],
    ['engines before .nvmrc', { ...pkg('20'), '.nvmrc': '18' }, '20'],
    ['.nvmrc by name', { 'package.json': '{}', '.nvmrc': 'lts/iron\n' }, '20'],
    ['a byte order mark', { 'package.json': '\uFEFF{"engines":{"node":"22"}}' }, '22'],
    ['nonsense', pkg('latest and greatest'), null],
    ['.python-version', { 'requirements.txt': '', '.python-version': '3.12.4\n' }, '3.12'],
    ['runtime.txt', { 'requirements.txt': '', 'runtime.txt': 'python-3.11.9' }, '3.11'],
    ['pyproject.toml', { 'pyproject.toml': '[project]\nrequires-python = ">=3.10,<4"' }, '3.10'],
    ['go.mod', { 'go.mod': 'module x\n\ngo 1.22.3\n' }, '1.22'],
    ['system.properties', { 'pom.xml': '', 'system.properties': 'java.runtime.version=21' }, '21'],
    ['Java 8', { 'pom.xml': '<java.version>1.8</java.version>' }, '8'],
    ['.ruby-version', { Gemfile: '', '.ruby-version': 'ruby-3.3.0' }, '3.3'],
    ['composer.json', { 'composer.json': '{"require":{"php":"^8.2"}}' }, '8.2'],
  ])('%s', async (_what, files, version) => {
    expect((await detected(files)).version).toBe(version)
  })
})
