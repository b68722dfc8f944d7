import { type Cause, counted, unreachable, when } from './match.ts'

/** javac in Maven (`[ERROR] /x/A.java:[3,5] …`) and in Gradle (`A.java:3: error: …`). */
const javac: Cause = (_text, lines) => {
  const pattern =
    /^(?:\[ERROR\] )?(?<file>\S+\.(?:java|kt)):(?:\[(?<line>\d+),\d+\]|(?<line2>\d+):(?:\d+:?)? error:)\s+(?<what>.+)$/
  const found = lines.map((line) => pattern.exec(line)?.groups).filter((groups) => groups !== undefined)
  const errors = [...new Map(found.map((each) => [`${each.file}:${each.line ?? each.line2}`, each])).values()]
  const first = errors[0]
  if (first === undefined) return null
  const file = first.file?.replace(/^.*?\/(?=src\/)/, '')
  return `javac found ${counted(errors.length, 'error')}, the first in ${file}:${first.line ?? first.line2}: ${first.what}`
}

/** Maven and Gradle. */
export const javaCauses: readonly Cause[] = [
  javac,
  unreachable(
    /Could not transfer artifact (\S+) from\/to \S+[\s\S]*?(?:Unknown host|Connection refused|Network is unreachable|Temporary failure|timed out|No route to host)/,
    (name) => `Maven could not reach its repository for ${name}`,
  ),
  unreachable(
    /Unknown host (\S+?):? |(?:UnknownHostException|ConnectException): ([\w.-]+)/,
    (host, other) => `the repository ${host || other} could not be reached`,
  ),
  when(/Could not find artifact (\S+) in/, (name) => `Maven could not find ${name}`),
  when(
    /Could not (?:find|resolve) ([\w.-]+:[\w.-]+:[\w.-]+)\.?/,
    (name) => `Gradle could not find ${name.replace(/\.$/, '')}`,
  ),
  when(
    /invalid (?:target|source) release: (\S+)/,
    (release) => `the JDK of this build is older than the Java ${release} that the source is written for`,
  ),
  when(/There are test failures|There were failing tests/, () => 'tests failed'),
  when(/\[ERROR\] Non-resolvable parent POM[^:]*: ([^\n]+)/, (why) => `Maven could not find the parent POM: ${why}`),
  when(/\* What went wrong:\n([\s\S]+?)\n\n/, (why) => `Gradle: ${why.replace(/\s*\n\s*>?\s*/g, ' ')}`),
  when(/\[ERROR\] (Failed to execute goal [^\n]+?)(?: -> \[Help|\n)/, (why) =>
    why.replace(/Failed to execute goal (\S+?):(?:[\d.]+):(\S+).*?: /, '$2: '),
  ),
]
