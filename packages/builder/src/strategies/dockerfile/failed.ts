import path from 'node:path'
import { causeOf } from '../../causes/index.ts'
import { BuildFailure } from '../../failure.ts'
import type { DockerfileBuild, Step } from './engine.ts'

const MAX_SHOWN_CHARS = 120

/** What an engine said of a build that failed. */
export interface EngineFailure {
  step: Step | null
  /** Line of the Dockerfile, where the engine says it. */
  line: number | null
  /** Exit code of the instruction; null: it did not come so far as to run something. */
  code: number | null
  /** The engine's own sentence. */
  said: string
}

/** The failure in one sentence: instruction, place, code, and what it printed. */
export function dockerfileFailure(build: DockerfileBuild, failure: EngineFailure): BuildFailure {
  const { step, code, said } = failure
  const action = `Correct ${build.shownName} or what it runs, and push again.`
  if (step === null) return new BuildFailure(`${build.shownName} could not be built: ${trimmed(said)}.`, action)
  const line = failure.line ?? build.parsed.lineOf(step.instruction)
  const place = line === null ? build.shownName : `${path.basename(build.shownName)}:${line}`
  const shown = cut(step.instruction)
  if (code === null) {
    const cause = imageCause(said)
    if (cause !== null) return new BuildFailure(`${shown} (${place}) failed: ${cause.message}.`, cause.action ?? action)
    return new BuildFailure(`${shown} (${place}) failed: ${trimmed(said)}.`, action)
  }
  const title = `${shown} (${place})`
  const { cause, action: known } = causeOf(step.tail, { title, code })
  const message = cause.startsWith(title) ? cause : `${title} ended with code ${code}: ${cause}`
  return new BuildFailure(`${message}.`, known ?? action)
}

/** Why a base image could not be had, from the words of Go's network and of registries. */
function imageCause(said: string): { message: string; action: string | null } | null {
  const host =
    /(?:registry|host) ([a-z0-9.-]+(?::\d+)?):/i.exec(said)?.[1] ??
    /https?:\/\/([^/"\s]+)/.exec(said)?.[1] ??
    'the registry'
  if (/no such host|connection refused|i\/o timeout|network is unreachable|server misbehaving/.test(said)) {
    return {
      message: `${host} could not be reached`,
      action: 'Push again in a while, or use a base image of a registry that can be reached.',
    }
  }
  if (/manifest unknown|not found|name unknown/i.test(said))
    return { message: `${host} has no such image`, action: null }
  if (/unauthorized|authentication required|denied/i.test(said)) {
    return {
      message: `${host} does not hand out this image without credentials`,
      action: 'Check its name; for a private image, add the registry to the team.',
    }
  }
  return null
}

const cut = (text: string) => (text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text)
const trimmed = (text: string) =>
  text
    .trim()
    .replace(/[.:]+$/, '')
    .slice(0, 400)
