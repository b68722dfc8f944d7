import { type GitHost, plainLine } from '@slipway/domain'
import { z } from 'zod'
import { type HookHeaders, headerOf } from './signature.ts'

/** What a webhook request says, once its signature is known to be good. */
export type HookEvent =
  | { kind: 'push'; branch: string; commit: string; message: string; author: string }
  | { kind: 'ignored'; reason: string }
  | { kind: 'malformed'; reason: string }

/** Names that the host gives the request: its event and its own delivery id. */
export interface HookNames {
  event: string
  /** null: the host sent none, so repeats cannot be told apart. */
  deliveryId: string | null
}

const NAME_LIMIT = 200

/** Reads event and delivery id from the headers of the three kinds of hosts. */
export function hookNames(host: GitHost, headers: HookHeaders): HookNames {
  const first = (...names: string[]): string | null => {
    for (const name of names) {
      const value = headerOf(headers, name)
      if (value !== null) return value.slice(0, NAME_LIMIT)
    }
    return null
  }
  switch (host) {
    case 'github':
      return { event: first('x-github-event') ?? 'unknown', deliveryId: first('x-github-delivery') }
    case 'gitea':
      return {
        event: first('x-forgejo-event', 'x-gitea-event', 'x-gogs-event', 'x-github-event') ?? 'unknown',
        deliveryId: first('x-forgejo-delivery', 'x-gitea-delivery', 'x-gogs-delivery', 'x-github-delivery'),
      }
    case 'gitlab':
      return {
        event: first('x-gitlab-event') ?? 'unknown',
        // The idempotency key stays the same over retries of one event; older GitLabs send the event's UUID alone.
        deliveryId: first('idempotency-key', 'x-gitlab-event-uuid'),
      }
  }
}

const commitSchema = z.object({
  id: z.string(),
  message: z.string().default(''),
  author: z.object({ name: z.string().nullish() }).nullish(),
})

/** The part of a push payload that all three hosts share, GitLab's names beside the others'. */
const pushSchema = z.object({
  ref: z.string().min(1),
  after: z.string(),
  deleted: z.boolean().optional(),
  head_commit: commitSchema.nullish(),
  commits: z.array(commitSchema).nullish(),
  pusher: z
    .object({ name: z.string().nullish(), login: z.string().nullish(), username: z.string().nullish() })
    .nullish(),
  user_name: z.string().nullish(),
  user_username: z.string().nullish(),
})

/** What people write into a commit's message so that it is not deployed. */
const SKIP = /\[(skip ci|ci skip|skip deploy)\]/i

const COMMIT = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/
const NO_COMMIT = /^0+$/

/** The text of a body: JSON as it is, or GitHub's form encoding with the JSON in `payload`. */
function jsonText(body: Buffer, contentType: string | null): string {
  const text = body.toString('utf8')
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return text
  return new URLSearchParams(text).get('payload') ?? ''
}

/** What the event asks for. `trackedBranch` is the one whose pushes deploy the app. */
export function readHookEvent(
  event: string,
  body: Buffer,
  contentType: string | null,
  trackedBranch: string,
): HookEvent {
  let json: unknown
  try {
    json = JSON.parse(jsonText(body, contentType))
  } catch (error) {
    const detail = error instanceof SyntaxError ? ` (${error.message.slice(0, 120)})` : ''
    return {
      kind: 'malformed',
      reason: `The body is not JSON, or was cut short${detail}. Send it again from the git host.`,
    }
  }
  const name = event.toLowerCase()
  if (name === 'ping') return { kind: 'ignored', reason: 'Ping: the webhook reaches this app.' }
  if (name === 'tag push hook') return { kind: 'ignored', reason: 'A tag was pushed; only branches are deployed.' }
  if (name !== 'push' && name !== 'push hook') {
    return { kind: 'ignored', reason: `The event "${event}" does not deploy; only push events do.` }
  }
  const parsed = pushSchema.safeParse(json)
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') || 'the body'
    return { kind: 'malformed', reason: `This is not a push payload: ${path} is missing or has another type.` }
  }
  return readPush(parsed.data, trackedBranch)
}

function readPush(push: z.infer<typeof pushSchema>, trackedBranch: string): HookEvent {
  if (push.ref.startsWith('refs/tags/')) {
    return {
      kind: 'ignored',
      reason: `The tag ${push.ref.slice('refs/tags/'.length, 200)} was pushed; only branches are deployed.`,
    }
  }
  if (!push.ref.startsWith('refs/heads/')) {
    return { kind: 'ignored', reason: `${push.ref.slice(0, 200)} is not a branch; only branches are deployed.` }
  }
  const branch = push.ref.slice('refs/heads/'.length)
  if (branch !== trackedBranch) {
    return {
      kind: 'ignored',
      reason: `The push was to ${branch.slice(0, 200)}; this app deploys ${trackedBranch}.`,
    }
  }
  if (push.deleted === true || NO_COMMIT.test(push.after)) {
    return { kind: 'ignored', reason: `The branch ${branch} was deleted; there is nothing to deploy.` }
  }
  if (!COMMIT.test(push.after))
    return { kind: 'malformed', reason: 'This is not a push payload: after is not a commit.' }
  const head = push.head_commit ?? push.commits?.find((commit) => commit.id === push.after) ?? push.commits?.at(-1)
  const skip = SKIP.exec(head?.message ?? '')?.[0]
  if (skip !== undefined) {
    return {
      kind: 'ignored',
      reason: `The message of ${push.after.slice(0, 7)} says ${skip.toLowerCase()}; it was not built.`,
    }
  }
  const author =
    push.pusher?.name ??
    push.pusher?.login ??
    push.pusher?.username ??
    push.user_name ??
    push.user_username ??
    head?.author?.name
  return {
    kind: 'push',
    branch,
    commit: push.after,
    message: plainLine((head?.message ?? '').split('\n')[0] ?? '').slice(0, 300),
    author: plainLine(author ?? 'unknown').slice(0, NAME_LIMIT),
  }
}
