import { z } from 'zod'
import { BuildFailure } from '../../failure.ts'
import { readText } from '../../files.ts'

const namesSchema = z.record(z.string(), z.string()).default({})
const manifestSchema = z.object({
  name: z.string().optional(),
  main: z.string().optional(),
  packageManager: z.string().optional(),
  engines: z.record(z.string(), z.string()).optional().catch(undefined),
  scripts: namesSchema,
  dependencies: namesSchema,
  devDependencies: namesSchema,
  optionalDependencies: namesSchema,
  peerDependencies: namesSchema,
  workspaces: z
    .union([z.array(z.string()), z.object({ packages: z.array(z.string()).default([]) })])
    .optional()
    .catch(undefined),
})

/** What a build reads of a package.json. */
export type Manifest = z.infer<typeof manifestSchema> & {
  /** The sections that decide what is installed, as they are written. */
  installed: string
}

/** Sections that an installation depends on. */
const SECTIONS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'pnpm',
  'workspaces',
  'trustedDependencies',
  'patchedDependencies',
  'packageManager',
]

/**
 * Reads package.json; an empty one where there is none.
 * @param shown how a failure calls the file
 * @throws BuildFailure where it is not valid
 */
export async function readManifest(dir: string, shown = 'package.json'): Promise<Manifest> {
  const fix = `Correct ${shown} and push again.`
  let json: unknown
  try {
    // npm skips a byte order mark, JSON.parse does not.
    json = JSON.parse(((await readText(dir, 'package.json')) ?? '{}').replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new BuildFailure(`${shown} is not valid JSON: ${error instanceof Error ? error.message : error}.`, fix)
  }
  const parsed = manifestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new BuildFailure(`${shown} is not valid: ${issue?.path.join('.')} ${issue?.message}.`, fix)
  }
  const sections = Object.entries(json ?? {}).filter(([name]) => SECTIONS.includes(name))
  return { ...parsed.data, installed: JSON.stringify(sections) }
}

/** Everything that the package may import: dependencies, also those for development. */
export const allDependencies = (manifest: Manifest): Record<string, string> => ({
  ...manifest.peerDependencies,
  ...manifest.optionalDependencies,
  ...manifest.devDependencies,
  ...manifest.dependencies,
})

/** True when there is something to install. */
export const hasDependencies = (manifest: Manifest): boolean =>
  [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].some(
    (record) => Object.keys(record).length > 0,
  )
