import { randomUUID } from 'node:crypto'

/** Pushes that are under way in this process; more at once are turned away. */
const MAX_PUSHES = 64

/** One push under way: who pushes what. */
export interface Push {
  readonly id: string
  readonly appId: string
  readonly actor: { name: string; email: string }
  /** Team, project, environment and app as they are named. */
  readonly ref: { team: string; project: string; environment: string; app: string }
  readonly repositoryPath: string
}

/** Pushes live as long as their connection; a killed platform forgets them, and their builds go on. */
export interface PushRegistry {
  /** Answers null when too many pushes are under way. */
  open(push: Omit<Push, 'id'>): Push | null
  close(id: string): void
  readonly size: number
}

export function createPushRegistry(): PushRegistry {
  const pushes = new Set<string>()
  return {
    open(values) {
      if (pushes.size >= MAX_PUSHES) return null
      const push = { ...values, id: randomUUID() }
      pushes.add(push.id)
      return push
    },
    close: (id) => void pushes.delete(id),
    get size() {
      return pushes.size
    },
  }
}
