import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'

/** Pushes that are under way in this process; more at once are turned away. */
const MAX_PUSHES = 64

/** One push under way: who pushes what, known to the hook by its id and secret. */
export interface Push {
  readonly id: string
  readonly appId: string
  readonly actor: { name: string; email: string }
  /** Team, project, environment and app as they are named. */
  readonly ref: { team: string; project: string; environment: string; app: string }
  readonly repositoryPath: string
}

/** Pushes live as long as the git process that serves them; a killed platform forgets them and their clients see a cut connection. */
export interface PushRegistry {
  /** Answers null when too many pushes are under way. */
  open(push: Omit<Push, 'id'>): { push: Push; token: string } | null
  /** The push of that id, when the token is its own. */
  find(id: string, token: string): Push | null
  close(id: string): void
  readonly size: number
}

export function createPushRegistry(): PushRegistry {
  const pushes = new Map<string, { push: Push; token: Buffer }>()
  return {
    open(values) {
      if (pushes.size >= MAX_PUSHES) return null
      const push = { ...values, id: randomUUID() }
      const token = randomBytes(32).toString('base64url')
      pushes.set(push.id, { push, token: Buffer.from(token) })
      return { push, token }
    },
    find(id, token) {
      const entry = pushes.get(id)
      const given = Buffer.from(token)
      if (entry === undefined || given.length !== entry.token.length) return null
      return timingSafeEqual(given, entry.token) ? entry.push : null
    },
    close(id) {
      pushes.delete(id)
    },
    get size() {
      return pushes.size
    },
  }
}
