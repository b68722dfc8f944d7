import { z } from 'zod'

/** Labels of input fields whose name alone says too little, by their last part. */
const LABELS: Readonly<Record<string, string>> = {
  cpuMillis: 'CPU in millicores',
  memoryMiB: 'Memory in MiB',
  repositoryUrl: 'Repository address',
  tail: 'Number of lines',
  email: 'E-mail address',
  kind: 'Source',
}

/**
 * What a person calls the field at a dotted input path: "CPU in millicores" of `processes.0.cpuMillis`, "Access token" of
 * `accessToken`, "GREETING" of `set.GREETING`. Empty for the input as a whole.
 */
export function fieldLabel(path: string): string {
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''
  if (LABELS[name]) return LABELS[name]
  if (/^[A-Z_][A-Z0-9_]*$/.test(name)) return name
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'Enter text.',
  number: 'Enter a number.',
  int: 'Enter a whole number.',
  boolean: 'Choose yes or no.',
  array: 'Give a list.',
}

type RawIssue = Parameters<NonNullable<ReturnType<typeof z.config>['customError']>>[0]

/** How much of what: "3 characters", "3", "3 entries". */
function amount(issue: RawIssue & { origin?: unknown }, limit: unknown): string {
  const count = Number(limit).toLocaleString('en')
  if (issue.origin === 'string') return `${count} ${limit === 1 ? 'character' : 'characters'}`
  return issue.origin === 'array' || issue.origin === 'set' ? `${count} ${limit === 1 ? 'entry' : 'entries'}` : count
}

/** What is wrong, where the schema has no sentence of its own. */
function wordsOf(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return 'This is required.'
      return EXPECTED[String(issue.expected)] ?? 'This is not valid.'
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'This is required.'
      return `Use at least ${amount(issue, issue.minimum)}.`
    case 'too_big':
      return `Use at most ${amount(issue, issue.maximum)}.`
    case 'invalid_value':
      return `Choose one of ${issue.values.map(String).join(', ')}.`
    case 'unrecognized_keys':
      return `Remove ${issue.keys.join(', ')}: not recognised here.`
    default:
      return 'This is not valid.'
  }
}

// Zod asks for the words of every schema that has none of its own, wherever this package is used: form, CLI and platform agree.
z.config({ customError: wordsOf })
