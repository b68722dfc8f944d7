import { createHmac, timingSafeEqual } from 'node:crypto'
import type { GitHost } from '@slipway/domain'

/** Header names in lower case, as Node gives them. */
export type HookHeaders = Readonly<Record<string, string | string[] | undefined>>

/** First value of a header; null where it is absent or empty. */
export function headerOf(headers: HookHeaders, name: string): string | null {
  const value = headers[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === undefined || first === '' ? null : first
}

export type SignatureCheck = { valid: true } | { valid: false; reason: string }

/**
 * Checks who sent a webhook, over the body as it came, in constant time.
 * - GitHub: `X-Hub-Signature-256: sha256=<hmac hex>` (docs.github.com, "Validating webhook deliveries").
 * - Gitea, Forgejo and Gogs: `X-Gitea-Signature`, `X-Forgejo-Signature` or `X-Gogs-Signature: <hmac hex>`, or GitHub's header, which
 *   the first two send too.
 * - GitLab: `X-Gitlab-Token: <secret>` (docs.gitlab.com, "Webhooks: secret token").
 */
export function checkSignature(host: GitHost, secret: string, headers: HookHeaders, body: Buffer): SignatureCheck {
  switch (host) {
    case 'github':
      return checkHmac(secret, body, headerOf(headers, 'x-hub-signature-256'), 'X-Hub-Signature-256')
    case 'gitea':
      return checkHmac(
        secret,
        body,
        headerOf(headers, 'x-forgejo-signature') ??
          headerOf(headers, 'x-gitea-signature') ??
          headerOf(headers, 'x-gogs-signature') ??
          headerOf(headers, 'x-hub-signature-256'),
        'X-Gitea-Signature',
      )
    case 'gitlab': {
      const token = headerOf(headers, 'x-gitlab-token')
      if (token === null) return missing('X-Gitlab-Token')
      // Compared by their digests: equal lengths, and the time says nothing about the secret.
      const digest = (text: string) => createHmac('sha256', 'gitlab').update(text).digest()
      return timingSafeEqual(digest(token), digest(secret)) ? { valid: true } : wrong()
    }
  }
}

function checkHmac(secret: string, body: Buffer, given: string | null, header: string): SignatureCheck {
  if (given === null) return missing(header)
  const hex = given.startsWith('sha256=') ? given.slice('sha256='.length) : given
  if (!/^[0-9a-f]{64}$/i.test(hex)) return wrong()
  const expected = createHmac('sha256', secret).update(body).digest()
  return timingSafeEqual(Buffer.from(hex, 'hex'), expected) ? { valid: true } : wrong()
}

function missing(header: string): SignatureCheck {
  return {
    valid: false,
    reason: `The request was not signed: it has no ${header} header. Enter the app's secret in the webhook's settings at the git host.`,
  }
}

function wrong(): SignatureCheck {
  return {
    valid: false,
    reason:
      "The signature does not match the app's secret. Enter the secret from the app's settings in the webhook's settings at the git host.",
  }
}
