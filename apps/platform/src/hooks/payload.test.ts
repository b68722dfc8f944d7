import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { hookNames, readHookEvent } from './payload.ts'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const commit = 'a'.repeat(40)

/** Every payload that GitHub publishes, by event. */
const published = z
  .array(z.object({ name: z.string(), examples: z.array(z.looseObject({})) }))
  .parse(createRequire(import.meta.url)('@octokit/webhooks-examples/api.github.com/index.json'))

describe("GitHub's published payloads", () => {
  test.each(published.map((event) => [event.name, event.examples] as const))(
    '%s is understood or ignored, never malformed',
    (name, examples) => {
      for (const example of examples) {
        const event = readHookEvent(name, json(example), 'application/json', 'no-such-branch')
        expect(event.kind).toBe('ignored')
      }
    },
  )

  test('each published push deploys its branch, once that is the tracked one and was not deleted', () => {
    const pushes = published.find((event) => event.name === 'push')?.examples ?? []
    expect(pushes.length).toBeGreaterThan(0)
    for (const example of pushes) {
      const push = z.object({ ref: z.string(), after: z.string(), deleted: z.boolean() }).parse(example)
      const branch = push.ref.replace('refs/heads/', '')
      const event = readHookEvent('push', json(example), 'application/json', branch)
      if (push.deleted || push.ref.startsWith('refs/tags/')) expect(event.kind).toBe('ignored')
      else expect(event).toMatchObject({ kind: 'push', commit: push.after, branch })
    }
  })
})

describe('readHookEvent', () => {
  const push = {
    ref: 'refs/heads/main',
    after: commit,
    head_commit: { id: commit, message: 'Fix it\n\nlong' },
    pusher: { name: 'ada' },
  }

  test('reads a push of the tracked branch', () => {
    expect(readHookEvent('push', json(push), 'application/json', 'main')).toEqual({
      kind: 'push', branch: 'main', commit, message: 'Fix it', author: 'ada',
    }) // biome-ignore format: one value
  })

  test("reads GitHub's form encoding", () => {
    const body = Buffer.from(new URLSearchParams({ payload: JSON.stringify(push) }).toString())
    expect(readHookEvent('push', body, 'application/x-www-form-urlencoded', 'main')).toMatchObject({
      kind: 'push',
      commit,
    })
  })

  test("reads GitLab's push", () => {
    const gitlab = {
      object_kind: 'push', ref: 'refs/heads/main', before: '0'.repeat(40), after: commit, user_name: 'Ada Lovelace',
      commits: [{ id: 'b'.repeat(40), message: 'first' }, { id: commit, message: 'second' }],
    } // biome-ignore format: a payload
    expect(readHookEvent('Push Hook', json(gitlab), 'application/json', 'main')).toMatchObject({
      kind: 'push', commit, message: 'second', author: 'Ada Lovelace',
    }) // biome-ignore format: one value
  })

  test.each([
    ['another branch', 'push', { ...push, ref: 'refs/heads/dev' }, 'The push was to dev; this app deploys main.'],
    ['a branch whose name only begins like it', 'push', { ...push, ref: 'refs/heads/main/x' }, 'main/x'],
    ['a tag', 'push', { ...push, ref: 'refs/tags/v1' }, 'tag v1'],
    ["GitLab's tag", 'Tag Push Hook', push, 'tag'],
    ['a deleted branch', 'push', { ...push, deleted: true, after: '0'.repeat(40) }, 'deleted'],
    ["GitLab's deleted branch", 'Push Hook', { ...push, after: '0'.repeat(40) }, 'deleted'],
    ['an event that is not for us', 'issues', { action: 'opened' }, '"issues"'],
    ['a ping', 'ping', { zen: 'Design for failure.' }, 'Ping'],
  ])('ignores %s, and says why', (_name, event, payload, words) => {
    const result = readHookEvent(event, json(payload), 'application/json', 'main')
    expect(result.kind).toBe('ignored')
    expect(result.kind === 'ignored' && result.reason).toContain(words)
  })

  test.each([
    ['a cut body', json(push).subarray(0, 40)],
    ['an empty body', Buffer.alloc(0)],
    ['a body of another shape', json([1, 2])],
    ['a commit that is none', json({ ...push, after: '../../etc/passwd' })],
    ['a commit that is an option', json({ ...push, after: '--upload-pack=x' })],
  ])('takes %s as malformed', (_name, body) => {
    expect(readHookEvent('push', body, 'application/json', 'main').kind).toBe('malformed')
  })
})

describe('hookNames', () => {
  test('reads the names of each host', () => {
    expect(hookNames('github', { 'x-github-event': 'push', 'x-github-delivery': 'd' })).toEqual({
      event: 'push',
      deliveryId: 'd',
    })
    expect(hookNames('gitea', { 'x-gitea-event': 'push', 'x-gitea-delivery': 'g', 'x-github-delivery': 'x' })).toEqual({
      event: 'push',
      deliveryId: 'g',
    })
    expect(
      hookNames('gitlab', { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': 'u', 'idempotency-key': 'k' }),
    ).toEqual({ event: 'Push Hook', deliveryId: 'k' })
    expect(hookNames('github', {})).toEqual({ event: 'unknown', deliveryId: null })
  })
})
