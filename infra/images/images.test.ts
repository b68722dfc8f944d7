import path from 'node:path'
import { type Copy, type Dockerfile, DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { FOREIGN_VARIABLES, isTracked, read, readsVariable, trackedFiles, workspaces } from '../repository.ts'

interface Stage {
  from: From
  name: string
  instructions: ReturnType<Dockerfile['getInstructions']>
}

/** The stages of a Dockerfile, the last one being what runs. */
function stagesOf(text: string): Stage[] {
  const stages: Stage[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const from = instruction as From
      stages.push({ from, name: from.getBuildStage() ?? String(stages.length), instructions: [] })
    } else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

const copiesOf = (stage: Stage) => stage.instructions.filter((each) => each.getKeyword() === 'COPY') as Copy[]
const originOf = (copy: Copy) =>
  copy
    .getFlags()
    .find((flag) => flag.getName() === 'from')
    ?.getValue() ?? null
const argumentsOf = (copy: Copy) => copy.getArguments().map((argument) => argument.getValue())
const sourcesOf = (copy: Copy) => argumentsOf(copy).slice(0, -1)

/** Words of the last instruction of a kind in its JSON form. */
function words(stage: Stage, keyword: string): string[] {
  const found = stage.instructions.filter((each) => each.getKeyword() === keyword).at(-1) as JSONInstruction | undefined
  return found?.getJSONStrings().map((each) => each.getJSONValue()) ?? []
}

/** What .dockerignore lets through: folders and files named at the top. */
const context = read('.dockerignore')
  .split('\n')
  .filter((line) => line.startsWith('!'))
  .map((line) => line.slice(1))

describe.each(['platform', 'console', 'cli'] as const)('the image of the %s', (app) => {
  const text = read(`infra/images/${app}/Dockerfile`)
  const stages = stagesOf(text)
  const last = stages.at(-1)
  if (last === undefined) throw new Error('no stage')

  it('has no finding of the linter', () => {
    expect(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([])
  })

  it('is built in stages from a pinned base, the same one everywhere', () => {
    const names = stages.map(({ name }) => name)
    const bases = stages.map(({ from }) => from.getImage() ?? '').filter((image) => !names.includes(image))
    expect(stages.length).toBeGreaterThan(1)
    for (const base of bases) expect(base).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/)
    expect(new Set(bases).size).toBe(1)
  })

  it('copies only what is there', () => {
    const names = stages.map(({ name }) => name)
    for (const copy of stages.flatMap(copiesOf)) {
      const origin = originOf(copy)
      if (origin !== null) expect(names).toContain(origin)
      else {
        for (const source of sourcesOf(copy)) {
          expect(isTracked(source), `${source} is in the repository`).toBe(true)
          expect(context, `${source} passes .dockerignore`).toContain(source.split('/')[0])
        }
      }
    }
  })

  it('installs from every manifest that the lock file names', () => {
    const manifests = trackedFiles.filter((file) => /^(apps|packages)\/[^/]+\/package\.json$/.test(file))
    const copied = stages.flatMap(copiesOf).flatMap(sourcesOf)
    for (const manifest of manifests) expect(copied).toContain(manifest)
  })

  it('runs as somebody who is not root', () => {
    const users = last.instructions.filter((each) => each.getKeyword() === 'USER')
    expect(users.at(-1)?.getArgumentsContent()).toBe('node')
    const before = last.instructions.findIndex((each) => each.getKeyword() === 'USER')
    expect(last.instructions.slice(before).map((each) => each.getKeyword())).not.toContain('COPY')
  })

  it('starts a file that is in it', () => {
    const command = [...words(last, 'ENTRYPOINT'), ...words(last, 'CMD')]
    const file = command.find((word) => /\.(ts|js|mjs)$/.test(word))?.replace(/^\/app\//, '')
    if (app === 'console') {
      // Next.js puts the server at the app's path below the tracing root, which is the repository's.
      expect(read('apps/console/next.config.ts')).toMatch(/outputFileTracingRoot: root/)
      expect(file).toBe('apps/console/server.js')
    } else {
      expect(isTracked(file ?? '')).toBe(true)
      const copied = copiesOf(last).flatMap(sourcesOf)
      expect(copied.some((source) => file?.startsWith(`${source}/`))).toBe(true)
    }
  })

  // Next.js itself collects what the console needs.
  it.skipIf(app === 'console')('has every package that the app needs to run', () => {
    const all = workspaces()
    const needed = new Set<string>()
    const visit = (name: string) => {
      // The command line takes nothing but types of the platform.
      if (needed.has(name) || (app === 'cli' && name === '@slipway/platform')) return
      needed.add(name)
      for (const next of all.get(name)?.needs ?? []) visit(next)
    }
    visit(`@slipway/${app}`)
    const copied = copiesOf(last).flatMap(sourcesOf)
    for (const name of needed) expect(copied).toContain(all.get(name)?.folder)
  })

  it('sets variables that the app reads', () => {
    const set = stages
      .flatMap((stage) => stage.instructions)
      .filter((each) => each.getKeyword() === 'ENV')
      .flatMap((each) =>
        [...(each.getArgumentsContent() ?? '').matchAll(/(?:^|\s)([A-Z_]+)=/g)].map(([, name = '']) => name),
      )
    for (const name of set) {
      if (FOREIGN_VARIABLES.includes(name)) continue
      const known =
        name === 'NEXT_OUTPUT'
          ? read('apps/console/next.config.ts').includes(name)
          : app !== 'cli' && readsVariable(app, name)
      expect(known, `${name} is read`).toBe(true)
    }
  })
})

it('every app that runs in a container has an image', () => {
  const apps = new Set(trackedFiles.filter((file) => file.startsWith('apps/')).map((file) => file.split('/')[1]))
  const images = trackedFiles
    .filter((file) => path.basename(file) === 'Dockerfile' && file !== 'infra/images/builder/Dockerfile')
    .map((file) => file.split('/')[2])
  // The launcher runs everything on one machine without containers.
  expect([...images, 'launcher'].sort()).toEqual([...apps].sort())
})
