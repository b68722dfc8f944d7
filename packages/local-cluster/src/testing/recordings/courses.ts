import type { KubernetesObject } from '../../types/objects.ts'
import { isEvent } from './events.ts'
import type { Names } from './names.ts'
import { standing } from './story.ts'

interface Seen {
  type: string
  object: KubernetesObject
}

/** What objects of one plain name went through: where each stands now, and how often one came to stand so. */
interface Course {
  now: Map<string, string>
  entered: Map<string, number>
}

const gone = 'gone'

/** How far objects have come, by kind and plain name. */
export class Courses {
  readonly #byGroup = new Map<string, Course>()
  readonly #names: Names

  constructor(names: Names, seen: Iterable<Seen> = []) {
    this.#names = names
    for (const event of seen) this.see(event)
  }

  see({ type, object }: Seen): void {
    if (isEvent(object)) return
    const { uid, name } = object.metadata
    const group = `${object.kind} ${this.#names.plain(name)}`
    const course = this.#byGroup.get(group) ?? { now: new Map(), entered: new Map() }
    this.#byGroup.set(group, course)
    const key = uid ?? name
    const state = type === 'DELETED' ? gone : standing(object, this.#names)
    if (course.now.get(key) === state) return
    course.now.set(key, state)
    course.entered.set(state, (course.entered.get(state) ?? 0) + 1)
  }

  /**
   * True where everything stands as in `wanted`, or has stood so as often: what is quicker here has gone on since. What is
   * still there and was gone is waited for.
   */
  reached(wanted: Courses): boolean {
    return this.#behind(wanted).length === 0
  }

  #behind(wanted: Courses): string[] {
    return [...wanted.#byGroup]
      .filter(([group, course]) => {
        const ours = this.#byGroup.get(group)
        return ours === undefined || !(standsAlike(course, ours) || wasThere(course, ours))
      })
      .map(([group]) => group)
  }

  /** Where the objects stand that have not reached `wanted`, in a sentence. */
  whyNot(wanted: Courses): string {
    const states = (courses: Courses, group: string) =>
      [...(courses.#byGroup.get(group)?.now.values() ?? [])].join(', ')
    const parts = this.#behind(wanted).map((group) => `wanted ${states(wanted, group)}, got ${states(this, group)}`)
    return parts.length === 0 ? 'something was not said in an event' : parts.join('; ')
  }
}

function standsAlike(wanted: Course, ours: Course): boolean {
  const standing = (course: Course) =>
    [...course.now.values()]
      .filter((state) => state !== gone)
      .sort()
      .join('\n')
  return standing(wanted) === standing(ours)
}

function wasThere(wanted: Course, ours: Course): boolean {
  return [...new Set(wanted.now.values())].every(
    (state) => (ours.entered.get(state) ?? 0) >= (wanted.entered.get(state) ?? 0),
  )
}
