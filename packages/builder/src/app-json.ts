import { z } from 'zod'
import { readText } from './files.ts'
import type { BuildLog } from './log.ts'

const appJsonSchema = z.object({
  env: z.record(z.string(), z.unknown()).optional(),
  scripts: z.record(z.string(), z.unknown()).optional(),
  formation: z.unknown().optional(),
  addons: z.array(z.unknown()).optional(),
  buildpacks: z.array(z.unknown()).optional(),
})

/**
 * One line for what a Heroku app.json asks for and is not done.
 * Reference: https://devcenter.heroku.com/articles/app-json-schema
 */
export async function warnOfAppJson(dir: string, log: BuildLog): Promise<void> {
  const text = await readText(dir, 'app.json')
  if (text === null) return
  const asked = appJsonAsks(text)
  if (asked.length > 0) log.warning(`app.json is not followed: ${asked.join('; ')}.`)
}

/** What an app.json asks for, in parts of a sentence; empty for one of another kind (Expo has such a file, too). */
function appJsonAsks(text: string): string[] {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    return [`it is not valid JSON (${error instanceof Error ? error.message : error})`]
  }
  const parsed = appJsonSchema.safeParse(json)
  if (!parsed.success) return []
  const { env = {}, scripts = {}, formation, addons = [], buildpacks = [] } = parsed.data
  const asked: string[] = []
  const names = Object.keys(env)
  if (names.length > 0) asked.push(`set ${names.slice(0, 10).join(', ')} as config vars yourself`)
  if (typeof scripts.postdeploy === 'string') asked.push(`run "${scripts.postdeploy}" yourself (scripts.postdeploy)`)
  if (formation !== undefined) asked.push('scale the processes yourself (formation)')
  if (addons.length > 0) asked.push('attach the addons yourself')
  if (buildpacks.length > 0) asked.push('Slipway chooses the language itself (buildpacks)')
  return asked
}
