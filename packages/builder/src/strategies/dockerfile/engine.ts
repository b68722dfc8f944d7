import { BuildFailure } from '../../failure.ts'
import type { BuildLog } from '../../log.ts'
import { findProgram } from '../../tool.ts'
import type { StrategyContext } from '../strategy.ts'
import type { ParsedDockerfile } from './parse.ts'

/** One build of a Dockerfile, ready for any engine. */
export interface DockerfileBuild extends StrategyContext {
  /** Build context: the app's root directory. */
  contextDir: string
  /** Absolute. */
  dockerfile: string
  /** Path of the Dockerfile as its author knows it. */
  shownName: string
  parsed: ParsedDockerfile
  buildArgs: Readonly<Record<string, string>>
  labels: Readonly<Record<string, string>>
}

/** Builds and pushes; answers the digest. */
export type Engine = (build: DockerfileBuild) => Promise<string>

export type EngineName = 'buildkit' | 'buildah'

/**
 * The engine that is installed where the build runs.
 * @throws BuildFailure that says what to install
 */
export async function chooseEngine(env: Readonly<Record<string, string>>): Promise<EngineName> {
  const has = async (name: string) => (await findProgram(env, name)) !== null
  if ((await has('buildkitd')) && (await has('buildctl'))) return 'buildkit'
  if (await has('buildah')) return 'buildah'
  throw new BuildFailure(
    'Nothing that builds Dockerfiles is installed where this build runs.',
    'Ask your operator to install buildah (apt-get install buildah) on this machine, then push again.',
  )
}

/** A step of the engine's, as its output names it. */
export interface Step {
  /** `RUN npm ci` */
  instruction: string
  /** What it printed last. */
  tail: string[]
}

const TAIL_LINES = 200

/** Reads an engine's output: steps become steps of the log, and the last one is kept for the cause of a failure. */
export interface Progress {
  /** The log that the engine's lines are written to. */
  log: BuildLog
  /** The step that was running last. */
  current(): Step | null
  /** Everything that was printed last, whatever the step. */
  tail(): readonly string[]
}

/** What a line of output is. */
export type Line =
  | { is: 'step'; title: string; instruction: string; key: string }
  | { is: 'output'; text: string; key: string }
  /** Says again at the end what was printed before: for the cause, not for the log. */
  | { is: 'summary'; text: string }
  | { is: 'noise' }

/** @param read takes one line apart; steps are told apart by their key, so that parallel stages do not mix */
export function followProgress(log: BuildLog, read: (line: string) => Line): Progress {
  const steps = new Map<string, Step>()
  const tail: string[] = []
  let current: Step | null = null
  let shownKey = ''
  const keep = (lines: string[], text: string) => {
    if (lines.push(text) > TAIL_LINES) lines.shift()
  }
  return {
    log: {
      ...log,
      line(raw) {
        const line = read(raw)
        if (line.is === 'noise') return
        if (line.is === 'summary') return keep(tail, line.text)
        if (line.is === 'step') {
          // Engines name a step again while it goes on.
          if (steps.has(line.key) && line.key === shownKey && steps.get(line.key)?.instruction === line.instruction)
            return
          current = { instruction: line.instruction, tail: [] }
          steps.set(line.key, current)
          shownKey = line.key
          log.step(line.title)
          return
        }
        const step = steps.get(line.key)
        if (step !== undefined) {
          current = step
          keep(step.tail, line.text)
          if (shownKey !== line.key) log.step(step.instruction)
          shownKey = line.key
        }
        keep(tail, line.text)
        log.line(line.text)
      },
    },
    current: () => current,
    tail: () => tail,
  }
}
