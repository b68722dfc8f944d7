import path from 'node:path'
import { openRoot } from '../detect-root.ts'
import { wantedVersion } from '../detect-versions.ts'
import { BuildFailure } from '../failure.ts'
import { isFile, readText } from '../files.ts'
import { keepInstalled, takeInstalled } from '../installed.ts'
import type { Build, BuildContext } from '../plan.ts'
import { shell } from '../procfile.ts'
import { outputOf, requireProgram, runTool, warnOfVersion } from '../tool.ts'
import { siteResult } from './static-site.ts'

const GEMS = 'vendor/bundle'
const ENV = {
  BUNDLE_SILENCE_ROOT_WARNING: '1',
  BUNDLE_PATH: GEMS,
  BUNDLE_WITHOUT: 'development:test',
  RACK_ENV: 'production',
  RAILS_ENV: 'production',
}

type Has = (gem: string) => boolean

/** Generators of static sites: the gem, its command and its folder. */
const GENERATORS = [
  { gem: 'jekyll', command: ['jekyll', 'build'], folder: '_site' },
  { gem: 'github-pages', command: ['jekyll', 'build'], folder: '_site' },
  { gem: 'middleman', command: ['middleman', 'build'], folder: 'build' },
  { gem: 'nanoc', command: ['nanoc'], folder: 'output' },
]

/**
 * Ruby apps: gems by Bundler into the app, assets of Rails compiled.
 * Reference: https://devcenter.heroku.com/articles/ruby-support
 */
export const buildRuby: Build = async (outer) => {
  const context = { ...outer, env: { ...outer.env, ...ENV } }
  const { dir, log } = context
  const gemfile = `${(await readText(dir, 'Gemfile')) ?? ''}\n${(await readText(dir, 'Gemfile.lock')) ?? ''}`
  const has: Has = (gem) => new RegExp(`^\\s*(gem\\s+["']${gem}["']|${gem} \\()`, 'm').test(gemfile)
  const generator = context.procfile === null ? (GENERATORS.find(({ gem }) => has(gem)) ?? null) : null
  const start = context.procfile === null && generator === null ? await findStart(dir, has) : null
  await requireProgram(context, 'ruby', 'Ruby', 'ruby')
  await requireProgram(context, 'bundle', 'Bundler', 'ruby-bundler')
  const version = (await outputOf(context, 'ruby', ['-e', 'print RUBY_VERSION'])) ?? null
  log.step(`Using Ruby ${version}`)
  await warnOfRuby(context, version)
  const keep = await install(context, version ?? '')
  if (generator !== null) {
    log.step(`Building (${generator.command.join(' ')})`)
    const title = `bundle exec ${generator.command.join(' ')}`
    await runTool(context, { command: 'bundle', args: ['exec', ...generator.command], title, what: 'The build' })
    return { ...(await siteResult(context, path.join(dir, generator.folder), false)), keep }
  }
  if (await isFile(dir, 'bin/rails')) await precompile(context, has)
  const isLocked = await isFile(dir, 'Gemfile.lock')
  return {
    processes: start === null ? [] : [{ name: 'web', kind: 'web', command: shell(start) }],
    env: {
      ...ENV,
      ...(isLocked ? { BUNDLE_DEPLOYMENT: '1' } : {}),
      RAILS_LOG_TO_STDOUT: '1',
      RAILS_SERVE_STATIC_FILES: '1',
      LANG: 'C.UTF-8',
    },
    top: dir,
    workingDir: '',
    isDependency: (name) => name === GEMS || name.startsWith(`${GEMS}/`),
    isSpare: (name) => /^(node_modules|tmp\/cache|log)$|^vendor\/bundle\/ruby\/[^/]+\/cache$/.test(name),
    tools: [],
    runtime: { language: 'ruby', version, layer: null },
    keep,
  }
}

async function findStart(dir: string, has: Has): Promise<string> {
  if ((await isFile(dir, 'bin/rails')) || has('rails')) {
    return (await isFile(dir, 'config/puma.rb'))
      ? 'bundle exec puma -C config/puma.rb'
      : 'bundle exec rails server -b 0.0.0.0 -p $PORT'
  }
  if (await isFile(dir, 'config.ru')) {
    return has('puma') ? 'bundle exec puma -b tcp://0.0.0.0:$PORT' : 'bundle exec rackup --host 0.0.0.0 --port $PORT'
  }
  for (const file of ['app.rb', 'server.rb', 'main.rb', 'web.rb']) {
    if (!(await isFile(dir, file))) continue
    return has('sinatra') ? `bundle exec ruby ${file} -o 0.0.0.0 -p $PORT` : `bundle exec ruby ${file}`
  }
  throw new BuildFailure(
    'Slipway does not know how to start this Ruby app: it has no Procfile, no config.ru, and no app.rb.',
    'Add a Procfile with a line such as "web: bundle exec puma", and push again.',
  )
}

async function warnOfRuby({ dir, log }: BuildContext, version: string | null): Promise<void> {
  const root = openRoot({ files: [], read: (name) => readText(dir, name) }, '')
  const wanted = await wantedVersion('ruby', root)
  if (wanted === null || version === null || `${version}.`.startsWith(`${wanted.version}.`)) return
  warnOfVersion(log, { ...wanted, title: 'Ruby', used: version })
}

async function install(context: BuildContext, version: string): Promise<() => Promise<void>> {
  const { dir, cacheDir, log } = context
  const key = `ruby-${version.split('.').slice(0, 2).join('.')}`
  // Bundler itself sees what is missing or too much.
  await takeInstalled(cacheDir, key, dir)
  const isLocked = await isFile(dir, 'Gemfile.lock')
  log.step('Installing dependencies (bundle install)')
  await runTool(context, {
    command: 'bundle',
    args: ['install', '--jobs', '4', '--retry', '2'],
    env: isLocked ? { BUNDLE_DEPLOYMENT: '1', BUNDLE_CLEAN: 'true' } : {},
    title: 'bundle install',
    what: 'Installing the dependencies',
  })
  return () => keepInstalled(cacheDir, key, dir, [GEMS])
}

async function precompile(context: BuildContext, has: Has): Promise<void> {
  if (!['sprockets-rails', 'propshaft', 'webpacker', 'vite_rails', 'sprockets', 'jsbundling-rails'].some(has)) return
  context.log.step('Compiling assets (rails assets:precompile)')
  await runTool(context, {
    command: 'bundle',
    args: ['exec', 'rails', 'assets:precompile'],
    env: { SECRET_KEY_BASE_DUMMY: '1', SECRET_KEY_BASE: context.env.SECRET_KEY_BASE ?? 'for-the-build-only' },
    title: 'bundle exec rails assets:precompile',
    what: 'Compiling the assets',
  })
}
