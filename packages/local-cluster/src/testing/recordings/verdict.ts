import type { KubernetesObject } from '../../types/objects.ts'
import type { Target } from './client.ts'
import { comparable, unorderedDifferences } from './compare.ts'
import { counts, isEvent, talesOf } from './events.ts'
import type { Names } from './names.ts'
import { type Played, play } from './player.ts'
import type { Recording } from './recording.ts'
import { storiesOf, storyDifferences } from './story.ts'
import { worldOf } from './world.ts'

export interface Verdict {
  scenario: string
  /** One sentence each; none where the cluster did as the recorded one. */
  differences: string[]
  answers: number
  stories: number
  objects: number
  tookMs: number
}

/** Plays a recording and compares answers, each object's story, what was said in events, and the objects at the end. */
export async function judge(target: Target, recording: Recording, library: readonly Recording[]): Promise<Verdict> {
  const startedAt = Date.now()
  const played = await play(target, recording, worldOf(recording, library))
  const { names, stage } = played
  const seen = [...stage.events].filter(([resource]) => resource !== 'events').flatMap(([, events]) => events)
  const told = Object.entries(recording.watch)
    .filter(([resource]) => resource !== 'events')
    .flatMap(([, events]) => events)
  const wanted = storiesOf(told, names.recorded)
  const out = [
    ...answerDifferences(played),
    ...storyDifferences(wanted, storiesOf(seen, names.ours)),
    ...storyDifferences(
      talesOf(
        (recording.watch.events ?? []).map(({ object }) => object),
        names.recorded,
      ),
      talesOf(
        (stage.events.get('events') ?? []).map(({ object }) => object),
        names.ours,
      ),
    ),
    ...finalDifferences(recording, played),
  ]
  return {
    scenario: recording.scenario,
    differences: out.length === 0 ? [] : [...played.notes, ...out],
    answers: recording.exchanges.length,
    stories: [...wanted.values()].flat().length,
    objects: Object.values(recording.final).flat().length,
    tookMs: Date.now() - startedAt,
  }
}

function answerDifferences({ answers }: Played): string[] {
  return answers.flatMap(({ exchange, differences }) => {
    const { method, path } = exchange.request
    return differences.map((difference) => `${method} ${path}: ${difference}`)
  })
}

function finalDifferences(recording: Recording, { stage, names }: Played): string[] {
  return Object.entries(recording.final).flatMap(([resource, objects]) => {
    const wanted = plainObjects(objects, names.recorded)
    const found = stage
      .ends(resource)
      .map((ours) => unorderedDifferences(`final ${resource}`, wanted, plainObjects(ours, names.ours)))
    return found.toSorted((a, b) => a.length - b.length)[0] ?? []
  })
}

function plainObjects(objects: readonly KubernetesObject[], names: Names): unknown[] {
  const plain = objects
    .filter((object) => !isEvent(object) || counts(object))
    .map((object) => comparable(object, names))
  if (!objects.some(isEvent)) return plain
  // Events of the same words about objects of one owner count once, as in talesOf.
  return [...new Map(plain.map((event) => [JSON.stringify(event), event])).values()]
}

const shownDifferences = 12

/** One line for the scenario, and one below it for each difference. */
export function verdictLines(verdict: Verdict): string[] {
  const { scenario, differences, answers, stories, objects, tookMs } = verdict
  const mark = differences.length === 0 ? 'ok  ' : 'FAIL'
  const about = `${answers} answers, ${stories} stories, ${objects} objects, ${(tookMs / 1000).toFixed(1)} s`
  const more = differences.length - shownDifferences
  return [
    `${mark} ${scenario} (${about})`,
    ...differences.slice(0, shownDifferences).map((difference) => `       ${difference}`),
    ...(more > 0 ? [`       … and ${more} more`] : []),
  ]
}
