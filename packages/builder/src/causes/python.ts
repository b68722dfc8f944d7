import { type Cause, unreachable, when } from './match.ts'

/** pip, uv, poetry, pipenv and Django. */
export const pythonCauses: readonly Cause[] = [
  unreachable(
    /(?:Failed to establish a new connection|Name or service not known|Temporary failure in name resolution|Connection refused|ConnectTimeoutError|NewConnectionError|Network is unreachable)[\s\S]*(?:pip|simple\/|No matching distribution|Could not find a version)/,
    () => 'pip could not reach the package index',
  ),
  unreachable(
    /(?:Could not fetch URL|ProxyError|SSLError)[\s\S]*(?:simple\/|No matching distribution)/,
    () => 'pip could not reach the package index',
  ),
  unreachable(
    /error: (?:Failed to fetch|Request failed)[\s\S]*?(?:`|)(https?:\/\/\S+?)`?\s[\s\S]*?(?:dns error|error sending request|Connection refused|connect)/i,
    () => 'uv could not reach the package index',
  ),
  when(/No matching distribution found for (\S+)(?: \(from)?/, (name) => `pip could not find ${name}`),
  when(
    /Could not find a version that satisfies the requirement (\S+)/,
    (name) => `pip could not find a version for ${name}`,
  ),
  when(
    /ERROR: Cannot install ([^\n]+) because these package versions have conflicting dependencies/,
    (names) => `pip found versions that exclude each other: ${names}`,
  ),
  when(/ERROR: Could not open requirements file: .*?'([^']+)'/, (name) => `${name} does not exist`),
  when(/ERROR: Invalid requirement: '?([^'\n]+)'?/, (name) => `pip cannot read the requirement ${name.trim()}`),
  when(
    /Package '?([^'\n]+)'? requires a different Python: (\S+) not in '([^']+)'/,
    (name, got, wanted) => `${name} asks for Python ${wanted} and this build has ${got}`,
  ),
  when(/(?:Failed building wheel for|Failed to build) `?([\w.-]+)/, (name) => `${name} could not be compiled`),
  when(/The lockfile at `uv\.lock` needs to be updated/, () => 'uv.lock is not up to date with pyproject.toml'),
  when(
    /No solution found when resolving dependencies[\s\S]*?╰─▶ ([^\n]+)/,
    (why) => `uv found no versions that fit: ${why}`,
  ),
  when(
    /pyproject\.toml changed significantly since poetry\.lock was last generated|poetry\.lock is not up to date/,
    () => 'poetry.lock is not up to date with pyproject.toml',
  ),
  when(/Your Pipfile\.lock \([^)]*\) is out of date/, () => 'Pipfile.lock is not up to date with Pipfile'),
  when(
    /^error: externally-managed-environment/m,
    () => 'pip is not allowed to install into the system (externally managed environment)',
  ),
  when(/^(?:ModuleNotFoundError|ImportError): (.+)$/m, (what) =>
    what.replace(/^No module named '?([\w.]+)'?$/, 'the Python module $1 is not installed'),
  ),
  when(/ImproperlyConfigured: (.+)$/m, (what) => `Django is not configured: ${what}`),
]
