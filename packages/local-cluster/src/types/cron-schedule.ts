/**
 * Schedules of CronJobs, parsed as github.com/robfig/cron/v3 ParseStandard does, with its sentences: five fields or a
 * descriptor. No library of ours reads exactly this dialect (`?`, steps in the day fields, no 7 for Sunday).
 */
export type CronSchedule =
  | { everySeconds: number }
  | { minute: Set<number>; hour: Set<number>; day: CronDays; month: Set<number>; weekday: CronDays }

/** Days that match, and whether the field was left open: an open field leaves the choice to the other one. */
export interface CronDays {
  values: Set<number>
  open: boolean
}

interface Bounds {
  min: number
  max: number
  names?: readonly string[]
}

const minutes: Bounds = { min: 0, max: 59 }
const hours: Bounds = { min: 0, max: 23 }
const days: Bounds = { min: 1, max: 31 }
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const months: Bounds = { min: 1, max: 12, names: monthNames }
const weekdays: Bounds = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }

const descriptors: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** @throws Error with robfig's sentence. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new Error('empty spec string')
  if (text.startsWith('@')) {
    const every = /^@every (.*)$/s.exec(text)?.[1]
    if (every !== undefined) return { everySeconds: Math.max(1, Math.floor(parseDuration(every, text))) }
    const standard = descriptors[text]
    if (standard === undefined) throw new Error(`unrecognized descriptor: ${text}`)
    return parseCronSchedule(standard)
  }
  const fields = text.split(/\s+/).filter((field) => field !== '')
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  return {
    minute: parseField(minute, minutes).values,
    hour: parseField(hour, hours).values,
    day: parseField(day, days),
    month: parseField(month, months).values,
    weekday: parseField(weekday, weekdays),
  }
}

function parseField(field: string, bounds: Bounds): CronDays {
  const values = new Set<number>()
  let open = false
  for (const expression of field.split(',').filter((part) => part !== '')) {
    const range = parseRange(expression, bounds)
    for (let value = range.start; value <= range.end; value += range.step) values.add(value)
    open ||= range.open
  }
  return { values, open }
}

function parseRange(expression: string, bounds: Bounds) {
  const [range = '', ...steps] = expression.split('/')
  const [low = '', ...highs] = range.split('-')
  const any = low === '*' || low === '?'
  const start = any ? bounds.min : parseValue(low, bounds)
  if (highs.length > 1) throw new Error(`too many hyphens: ${expression}`)
  let end = any ? bounds.max : highs[0] === undefined ? start : parseValue(highs[0], bounds)
  if (steps.length > 1) throw new Error(`too many slashes: ${expression}`)
  const step = steps[0] === undefined ? 1 : parseNumber(steps[0])
  // `5/15` means from 5 to the end.
  if (steps[0] !== undefined && highs.length === 0) end = bounds.max
  if (start < bounds.min) throw new Error(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`)
  if (end > bounds.max) throw new Error(`end of range (${end}) above maximum (${bounds.max}): ${expression}`)
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${expression}`)
  return { start, end, step, open: any && step === 1 }
}

function parseValue(text: string, { names = [], min }: Bounds): number {
  const named = names.indexOf(text.toLowerCase())
  return named >= 0 ? named + min : parseNumber(text)
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const value = Number(text)
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`)
  return value
}

const unitSeconds: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** Go's time.ParseDuration, in seconds. */
function parseDuration(text: string, descriptor: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)]
  if (text === '' || parts.map(([part]) => part).join('') !== text) {
    throw new Error(`failed to parse duration ${descriptor}: time: invalid duration ${JSON.stringify(text)}`)
  }
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitSeconds[unit] ?? 0), 0)
}
