import { z } from 'zod'
import { optional } from './env-routing.ts'

/** Variables about mail; a part of env.ts. */
export const mailVariables = {
  SLIPWAY_SMTP_URL: optional(
    z.url({ protocol: /^smtps?$/, error: 'must be an address such as smtp://user:password@mail.example.com:587' }),
  ),
  SLIPWAY_MAIL_FROM: optional(z.email('must be an e-mail address')),
}

export interface MailSettings {
  /** Server and sender; null: no mail is sent. */
  mail: { smtpUrl: string; from: string } | null
}

/** Throws what `incomplete` makes of a line where one of the two is missing. */
export function mailSettings(
  env: { SLIPWAY_SMTP_URL?: string | undefined; SLIPWAY_MAIL_FROM?: string | undefined },
  incomplete: (line: string) => Error,
): MailSettings {
  const { SLIPWAY_SMTP_URL: smtpUrl, SLIPWAY_MAIL_FROM: from } = env
  if (smtpUrl === undefined && from === undefined) return { mail: null }
  if (smtpUrl === undefined) throw incomplete('SLIPWAY_SMTP_URL is not set, and SLIPWAY_MAIL_FROM is.')
  if (from === undefined) throw incomplete('SLIPWAY_MAIL_FROM is not set, and SLIPWAY_SMTP_URL is.')
  return { mail: { smtpUrl, from } }
}
