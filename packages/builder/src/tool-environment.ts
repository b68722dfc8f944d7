import path from 'node:path'

/** Names that a build var cannot replace: they say where the build works. */
const OURS = new Set(['PATH', 'HOME'])

/**
 * Environment of the build's tools: what the host lends, Heroku's defaults, and the chosen config vars over them.
 * Reference: https://devcenter.heroku.com/articles/nodejs-support#build-behavior
 */
export function buildEnvironment(
  host: Readonly<Record<string, string>>,
  vars: Readonly<Record<string, string>>,
  cacheDir: string,
): Record<string, string> {
  const chosen = Object.entries(vars).filter(([name]) => !OURS.has(name))
  return {
    ...host,
    CI: 'true',
    NODE_ENV: 'production',
    // Scripts that install a folder of their own want its packages for development, too.
    npm_config_include: 'dev',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    NEXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
    HUSKY: '0',
    ...Object.fromEntries(chosen),
    HOME: path.join(cacheDir, 'home'),
    npm_config_cache: path.join(cacheDir, 'npm'),
    BUN_INSTALL_CACHE_DIR: path.join(cacheDir, 'bun'),
    PIP_CACHE_DIR: path.join(cacheDir, 'pip'),
    UV_CACHE_DIR: path.join(cacheDir, 'uv'),
    POETRY_CACHE_DIR: path.join(cacheDir, 'poetry'),
    GOMODCACHE: path.join(cacheDir, 'go/mod'),
    GOCACHE: path.join(cacheDir, 'go/build'),
    GOFLAGS: chosen.find(([name]) => name === 'GOFLAGS')?.[1] ?? '-modcacherw',
    GRADLE_USER_HOME: path.join(cacheDir, 'gradle'),
    BUNDLE_USER_HOME: path.join(cacheDir, 'bundle'),
    COMPOSER_HOME: path.join(cacheDir, 'composer'),
  }
}
