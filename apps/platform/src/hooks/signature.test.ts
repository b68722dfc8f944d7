import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkSignature } from './signature.ts'

const secret = "It's a Secret to Everybody"
const body = Buffer.from('Hello, World!')
const hmac = (text: Buffer, key = secret) => createHmac('sha256', key).update(text).digest('hex')

describe('checkSignature', () => {
  test("accepts the example of GitHub's documentation", () => {
    const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    expect(checkSignature('github', secret, { 'x-hub-signature-256': header }, body)).toEqual({ valid: true })
  })

  test.each([
    ['a changed body', { 'x-hub-signature-256': `sha256=${hmac(Buffer.from('Hello, world!'))}` }],
    ['another secret', { 'x-hub-signature-256': `sha256=${hmac(body, 'other')}` }],
    ['a signature that is not hex', { 'x-hub-signature-256': `sha256=${'z'.repeat(64)}` }],
    ['a cut signature', { 'x-hub-signature-256': `sha256=${hmac(body).slice(0, 62)}` }],
    ['SHA-1 alone', { 'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}` }],
    ["GitLab's header", { 'x-gitlab-token': secret }],
    ['nothing', {}],
  ])('refuses GitHub requests with %s', (_name, headers) => {
    expect(checkSignature('github', secret, headers, body)).toMatchObject({ valid: false })
  })

  test('accepts what Gitea, Forgejo and Gogs send', () => {
    expect(checkSignature('gitea', secret, { 'x-gogs-signature': hmac(body) }, body)).toEqual({ valid: true })
    const hub = { 'x-hub-signature-256': `sha256=${hmac(body)}` }
    expect(checkSignature('gitea', secret, hub, body)).toEqual({ valid: true })
    expect(checkSignature('gitea', secret, { 'x-gitea-signature': hmac(body) }, body)).toEqual({ valid: true })
    expect(checkSignature('gitea', secret, { 'x-forgejo-signature': hmac(body) }, body)).toEqual({ valid: true })
    expect(checkSignature('gitea', secret, { 'x-gitea-signature': hmac(body, 'x') }, body)).toMatchObject({
      valid: false,
    })
  })

  test("compares GitLab's token", () => {
    expect(checkSignature('gitlab', secret, { 'x-gitlab-token': secret }, body)).toEqual({ valid: true })
    expect(checkSignature('gitlab', secret, { 'x-gitlab-token': `${secret} ` }, body)).toMatchObject({ valid: false })
    expect(checkSignature('gitlab', secret, {}, body)).toMatchObject({ valid: false })
  })

  test('says which header is missing', () => {
    const check = checkSignature('gitlab', secret, {}, body)
    expect(check.valid === false && check.reason).toContain('X-Gitlab-Token')
  })
})
