import { type Cause, counted, unreachable, when } from './match.ts'

/** The Go compiler: `./main.go:5:2: undefined: x`. */
const goCompiler: Cause = (_text, lines) => {
  const errors = lines.map((line) => /^(?:\.\/)?(\S+\.go:\d+):\d+: (.+)$/.exec(line)).filter((match) => match !== null)
  const first = errors[0]
  if (first === null || first === undefined) return null
  return `the Go compiler found ${counted(errors.length, 'error')}, the first in ${first[1]}: ${first[2]}`
}

/** Go, Ruby, PHP, and what ends any tool. */
export const otherCauses: readonly Cause[] = [
  unreachable(
    /go: (\S+): .*?(?:dial tcp|lookup \S+|no such host|connection refused|i\/o timeout)/,
    (name) => `Go could not reach the module proxy for ${name}`,
  ),
  when(
    /(?:missing go\.sum entry for|go\.sum: missing)[\s\S]*?(\S+@\S+|module providing package (\S+))/,
    (name) => `go.sum is not up to date with go.mod (${name})`,
  ),
  when(/go: updates to go\.mod needed|inconsistent vendoring/, () => 'go.mod is not up to date with the source'),
  when(
    /(?:requires|note: module requires) go >?=? ?(\d[\d.]*)(?: \(running go (\S+?)[;)])?/i,
    (wanted, got) => `the source asks for Go ${wanted}${got === '' ? '' : ` and this build has ${got}`}`,
  ),
  when(/no required module provides package (\S+?);/, (name) => `go.mod names no module for the package ${name}`),
  goCompiler,
  when(/Could not find gem '([^']+)'/, (name) => `Bundler could not find ${name}`),
  unreachable(
    /Could not (?:reach host|fetch specs from) (\S+)/,
    (host) => `Bundler could not reach ${host.replace(/[.,]$/, '')}`,
  ),
  when(
    /Your Ruby version is (\S+), but your Gemfile specified ([^\n]+)/,
    (got, wanted) => `the Gemfile asks for Ruby ${wanted} and this build has ${got.replace(/,$/, '')}`,
  ),
  when(
    /The gemspecs? for [\s\S]*? changed|frozen mode|deployment mode[\s\S]*?lockfile|You are trying to install in deployment mode/,
    () => 'Gemfile.lock is not up to date with the Gemfile',
  ),
  when(
    /An error occurred while installing (\S+) \(([^)]+)\)/,
    (name, version) => `Bundler could not install ${name} ${version}`,
  ),
  when(
    /your php version \(([^)]+)\) does not satisfy/i,
    (got) => `a package asks for another PHP than the ${got} of this build`,
  ),
  when(
    /requires? (ext-\w+) \* -> it is missing/,
    (name) => `the PHP extension ${name} is missing where this build runs`,
  ),
  unreachable(
    /"(https?:\/\/\S+)"\s+file could not be downloaded\s*: php_network/,
    (url) => `Composer could not reach ${new URL(url).host}`,
  ),
  unreachable(
    /curl error (?:6|7|28) while downloading (\S+?):/,
    (url) => `Composer could not reach ${new URL(url).host}`,
  ),
  when(
    /Your lock file does not contain a compatible set of packages|lock file is not up to date/,
    () => 'composer.lock is not up to date with composer.json',
  ),
  when(
    /Root composer\.json requires ([^,\n]+?),? (?:it could not be found|found)/,
    (name) => `Composer could not find ${name}`,
  ),
  when(/PHP (?:Parse|Fatal) error: +(.+)/, (what) => what),
  when(/No space left on device|ENOSPC/, () => 'the disk of the build is full'),
]
