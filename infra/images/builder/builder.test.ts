import { DockerfileParser, type From, type JSONInstruction } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'
import { isTracked, read } from '../../repository.ts'

const text = read('infra/images/builder/Dockerfile')
const instructions = DockerfileParser.parse(text).getInstructions()

interface Stage {
  name: string
  image: string
  instructions: typeof instructions
}
const stages: Stage[] = []
for (const instruction of instructions) {
  if (instruction.getKeyword() === 'FROM') {
    const from = instruction as From
    stages.push({ name: from.getBuildStage() ?? '', image: from.getImage() ?? '', instructions: [] })
  } else stages.at(-1)?.instructions.push(instruction)
}
const targets = stages.filter(({ name }) => name.startsWith('builder-'))
const last = (stage: Stage, keyword: string) => stage.instructions.findLast((each) => each.getKeyword() === keyword)

describe('the images of the builder', () => {
  it('have no finding of the linter', () => {
    expect(validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`)).toEqual([])
  })

  it('are there for every language and strategy that a build may have', () => {
    const words = ['node', 'python', 'java', 'go', 'ruby', 'php', 'dockerfile', 'buildpacks', 'static', 'procfile']
    expect(targets.map(({ name }) => name)).toEqual(words.map((word) => `builder-${word}`))
  })

  it('are made from bases that can be replaced, each pinned at least to its release line', () => {
    const names = stages.map(({ name }) => name)
    for (const { image } of stages)
      expect(names.includes(image) || /^\$\{[A-Z]+_IMAGE\}$/.test(image), image).toBe(true)
    const args = instructions
      .filter((each) => each.getKeyword() === 'ARG')
      .map((each) => each.getArgumentsContent() ?? '')
    for (const arg of args) expect(arg).toMatch(/^[A-Z]+_IMAGE=[a-z/]+:v?\d+[\w.-]*$/)
  })

  it.each(targets.filter(({ image }) => image !== 'builder-node'))(
    '$name runs the builder, as root only where BuildKit needs it',
    (stage) => {
      const words = (last(stage, 'ENTRYPOINT') as JSONInstruction).getJSONStrings().map((each) => each.getJSONValue())
      expect(words.slice(0, 2)).toEqual(['node', '--disable-warning=ExperimentalWarning'])
      expect(isTracked(words[2]?.replace('/app/', '') ?? '')).toBe(true)
      expect(last(stage, 'USER')?.getArgumentsContent()).toBe(stage.name === 'builder-dockerfile' ? '0:0' : '1000:1000')
    },
  )
})
