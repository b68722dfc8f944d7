import { type Cause, counted, unreachable, when } from './match.ts'

const NETWORK =
  '(ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ERR_SOCKET_TIMEOUT|CERT_HAS_EXPIRED|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|ENETUNREACH|EHOSTUNREACH)'

/** tsc, alone or in a bundler: how many errors, and the first. */
const tsc: Cause = (_text, lines) => {
  const pattern =
    /^(?<file>\S.*?\.[cm]?tsx?)(?:\((?<line>\d+),\d+\)|:(?<line2>\d+):\d+)(?: -)?:? error (?<code>TS\d+): (?<what>.+)$/
  const errors = lines.map((line) => pattern.exec(line)?.groups).filter((groups) => groups !== undefined)
  const first = errors[0]
  if (first === undefined) return null
  return `tsc found ${counted(errors.length, 'error')}, the first in ${first.file}:${first.line ?? first.line2}: ${first.what}`
}

/** A dependency's own install script: pnpm and npm print its lines, and its name apart. */
const installScript: Cause = (text, lines) => {
  const npm = /npm (?:error|ERR!) path (\S+)\n[\s\S]*?npm (?:error|ERR!) command sh -c (.+)\n?([\s\S]*)/.exec(text)
  if (npm?.[1] !== undefined) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(npm[1])?.[1]
    const said = npm[3]
      ?.split('\n')
      .map((line) => line.replace(/^npm (?:error|ERR!)\s?/, '').trim())
      .find((line) => line !== '' && !/^(gyp (info|verb)|A complete log|at |>)/.test(line))
    const script = name === undefined ? `the script "${npm[2]}"` : `the install script of ${name}`
    return said === undefined ? `${script} failed` : `${script} said: ${said}`
  }
  const yarn = /^error .*node_modules\/((?:@[^/]+\/)?[^/:]+): Command failed\./m.exec(text)?.[1]
  if (yarn !== undefined) {
    if (/not a problem with node-gyp[\s\S]*network connectivity|getaddrinfo (ENOTFOUND|EAI_AGAIN)/.test(text))
      return `the install script of ${yarn} failed: it could not download what it compiles with`
    const why = lines
      .map((line) => /^gyp ERR! stack (?:Error: )?(.+)$/.exec(line)?.[1])
      .find((line) => line !== undefined)
    return `the install script of ${yarn} failed${why === undefined ? '' : `: ${why}`}`
  }
  const failed = /^(?:(\S+) )?((?:pre|post)?install|prepare): Failed$/.exec(
    lines.find((line) => /: Failed$/.test(line.trim()))?.trim() ?? '',
  )
  const at = /ELIFECYCLE\s+(\S+@\S+) ((?:pre|post)?install|prepare): `(.+)`/.exec(text)
  const head = at?.[1] ?? failed?.[1]
  if (failed === null && at === null) return null
  const said = lines
    .map((line) => /(?:(?:pre|post)?install|prepare)(?:\$|:) (.+)$/.exec(line.trim())?.[1])
    .filter((line) => line !== undefined && line !== 'Failed' && line !== 'Done')
    .at(-1)
  const script = head === undefined || head === '.' ? 'an install script' : `the install script of ${head}`
  return said === undefined ? `${script} failed` : `${script} said: ${said}`
}

/** What is known of npm, pnpm, yarn, bun and the bundlers, most telling first. */
export const nodeCauses: readonly Cause[] = [
  when(
    /ERESOLVE[\s\S]*?Found: (\S+)[\s\S]*?Could not resolve dependency:\n.*?(?:peer )?(\S+@"[^"]+") from (\S+)/,
    (found, wanted, by) =>
      `npm found versions that exclude each other: ${by} wants ${wanted.replaceAll('"', '')}, and there is ${found}`,
  ),
  when(
    /npm (?:error|ERR!) code E404\n(?:[\s\S]*?)'?([@\w./-]+@[^'\s]+)'? (?:is not in this registry|could not be found)/,
    (name) => `npm could not find ${name.replace(/@\*$/, '')} in the registry`,
  ),
  when(
    /npm (?:error|ERR!) code E404\n(?:[\s\S]*?)404\s+Not Found - GET (\S+)/,
    (url) => `npm could not find ${decodeURIComponent(url.split('/').slice(3).join('/'))} in the registry`,
  ),
  when(
    /code ETARGET\n.*?No matching version found for (\S+?)\.?\s*$/m,
    (name) => `npm could not find a version for ${name.replace(/\.$/, '')}`,
  ),
  when(
    /npm (?:error|ERR!) code EUSAGE\n[\s\S]*?(?:Missing|Invalid): ([^\n]+?)(?: from lock file)?\n/,
    (what) => `package-lock.json is not up to date with package.json (${what.trim()})`,
  ),
  when(/npm (?:error|ERR!) code EUSAGE[\s\S]*in sync/, () => 'package-lock.json is not up to date with package.json'),
  when(
    /code EBADENGINE[\s\S]*?Not compatible with your version of node\/npm: (\S+)[\s\S]*?Required: ({.*})[\s\S]*?Actual:\s+({.*})/,
    (name, wanted, actual) => `${name} asks for ${wanted} and this build has ${actual}`,
  ),
  when(
    /ERR_PNPM_UNSUPPORTED_ENGINE[\s\S]*?Expected version: (\S[^\n]*)\n[\s\S]*?Got: (\S+)/,
    (wanted, got) => `pnpm refuses to run: package.json asks for ${wanted} and this build has ${got}`,
  ),
  when(
    /error (\S+): The engine "(\w+)" is incompatible with this module\. Expected version "([^"]+)"\. Got "([^"]+)"/,
    (name, engine, wanted, got) => `${name} asks for ${engine} ${wanted} and this build has ${got}`,
  ),
  when(
    /npm (?:error|ERR!) code EINTEGRITY[\s\S]*?integrity checksum failed when using \w+: wanted (\S+)/,
    () => 'what the registry sent does not match the checksum in package-lock.json',
  ),
  when(
    /ERR_PNPM_OUTDATED_LOCKFILE|ERR_PNPM_LOCKFILE_CONFIG_MISMATCH/,
    () => 'pnpm-lock.yaml is not up to date with package.json',
  ),
  when(/ERR_PNPM_NO_LOCKFILE/, () => 'pnpm found no pnpm-lock.yaml that it can read'),
  when(
    /ERR_PNPM_FETCH_404\s+GET (\S+)/,
    (url) =>
      `pnpm could not find ${decodeURIComponent(url.replace(/:$/, '').split('/').slice(3).join('/'))} in the registry`,
  ),
  when(
    /ERR_PNPM_NO_MATCHING_VERSION\S*\s+No matching version found for (\S+)/,
    (name) => `pnpm could not find a version for ${name}`,
  ),
  when(
    /ERR_PNPM_WORKSPACE_PKG_NOT_FOUND\s+In [^:]*: "([^"]+)"/,
    (name) => `pnpm could not find ${name} in the workspace`,
  ),
  unreachable(/ERR_PNPM_META_FETCH_FAIL|ERR_PNPM_FETCH_5\d\d/, () => 'pnpm could not reach the registry'),
  when(/YN0028/, () => 'yarn.lock is not up to date with package.json'),
  when(/Your lockfile needs to be updated/, () => 'yarn.lock is not up to date with package.json'),
  when(/lockfile had changes, but lockfile is frozen/, () => 'bun.lock is not up to date with package.json'),
  when(/YN0035:?.*?│?\s*([@\w./-]+@\S+?):? .*Package not found/, (name) => `yarn could not find ${name}`),
  when(/Couldn't find package "([^"]+)"/, (name) => `yarn could not find ${name} in the registry`),
  when(
    /Couldn't find any versions for "([^"]+)" that matches "([^"]+)"/,
    (name, range) => `yarn could not find a version for ${name}@${range}`,
  ),
  when(
    /error: GET \S+\/((?:@[^/\s]+\/)?[^/\s]+) - 404/,
    (name) => `bun could not find ${decodeURIComponent(name)} in the registry`,
  ),
  when(
    /error: No version matching "([^"]+)" found for specifier "([^"]+)"/,
    (range, name) => `bun could not find a version for ${name}@${range}`,
  ),
  unreachable(new RegExp(`npm (?:error|ERR!) code ${NETWORK}`), (code) => `npm could not reach the registry (${code})`),
  unreachable(
    new RegExp(`error An unexpected error occurred: "[^"]*${NETWORK}`),
    (code) => `yarn could not reach the registry (${code})`,
  ),
  unreachable(/YN0001: │ RequestError: (.+)/, (why) => `yarn could not reach the registry (${why})`),
  when(
    /npm (?:error|ERR!) code ENEEDAUTH|code E401|ERR_PNPM_FETCH_401/,
    () => 'the registry wants a login, which the build does not have',
  ),
  when(/npm (?:error|ERR!) Missing script: "?([^"\n]+)"?/, (name) => `package.json has no script "${name}"`),
  installScript,
  tsc,
  when(/^Type error: (.+)$/m, (what) => `the type check failed: ${what}`),
  when(/Module not found: (?:Error: )?Can't resolve '([^']+)'/, (name) => `the module ${name} cannot be resolved`),
  when(
    /Could not resolve "([^"]+)" from "([^"]+)"/,
    (name, file) => `${file} imports ${name}, which cannot be resolved`,
  ),
  when(
    /failed to resolve import "([^"]+)" from "([^"]+)"/,
    (name, file) => `${file} imports ${name}, which cannot be resolved`,
  ),
  when(
    /Cannot find (?:module|package) '([^']+)'(?: imported from (\S+))?/,
    (name, from) =>
      `the module ${name} cannot be found${from === '' ? '' : ` (imported from ${from.replace(/^.*\/slipway-build-[^/]+\//, '')})`}`,
  ),
  when(
    /(?:sh|bash)(?:: line \d+|: \d+)?: ([\w@./-]+): (?:command )?not found/,
    (name) => `the command ${name} is not installed`,
  ),
  when(/JavaScript heap out of memory/, () => 'Node.js ran out of memory'),
]
