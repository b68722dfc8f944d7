import { type Arg, DockerfileParser, type Instruction as Parsed } from 'dockerfile-ast'

type Range = ReturnType<Parsed['getRange']>

/** An instruction as the file has it. */
export interface Instruction {
  keyword: string
  /** In one line, with single spaces. */
  text: string
  /** Counted from 1. */
  line: number
}

/** What Slipway reads of a Dockerfile; the engine alone interprets it. */
export interface ParsedDockerfile {
  instructions: Instruction[]
  /** Names that it declares by ARG. */
  args: string[]
  /** Line of the file that an instruction of the engine's output has; null: unknown. */
  lineOf(text: string): number | null
}

/** In one line, as engines print instructions. */
const flat = (text: string) => text.replace(/\s+/g, ' ').trim()

/** Joins continued lines, without the comments between them. */
const joined = (text: string) => flat(text.replace(/\n[ \t]*#[^\n]*/g, '').replace(/[\\`]\s*\n/g, ' '))

/** The parser's own text leaves out where lines end, and with it where comments do. */
function linesOf(text: string, { start, end }: Range): string {
  const lines = text.split(/\r?\n/).slice(start.line, end.line + 1)
  return [lines[0]?.slice(start.character), ...lines.slice(1)].join('\n')
}

/** Parses without judging: what is wrong in it is the engine's to say. */
export function parseDockerfile(text: string): ParsedDockerfile {
  const parsed = DockerfileParser.parse(text)
  const instructions = parsed.getInstructions().map((instruction) => ({
    keyword: instruction.getKeyword(),
    text: joined(linesOf(text, instruction.getRange())),
    line: instruction.getRange().start.line + 1,
  }))
  const args = parsed.getARGs().flatMap((arg: Arg) => {
    const name = arg.getProperty()?.getName()
    return name === undefined ? [] : [name]
  })
  for (const { keyword, text: arg } of instructions) {
    const name = /^ARG ([A-Za-z_]\w*)/i.exec(arg)?.[1]
    if (keyword === 'ARG' && name !== undefined && !args.includes(name)) args.push(name)
  }
  return {
    instructions,
    args,
    lineOf(shown) {
      const wanted = flat(shown).toLowerCase()
      const same = instructions.filter((each) => each.text.toLowerCase() === wanted)
      return same.length > 0 ? (same.at(-1)?.line ?? null) : null
    },
  }
}
