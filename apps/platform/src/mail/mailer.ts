import type { MailSettings } from '../env-mail.ts'

export interface Mail {
  to: string
  subject: string
  /** Plain text. */
  text: string
}

/** Hands mails to the operator's SMTP server. */
export interface Mailer {
  /** Resolves when the server has taken it; rejects where it refuses, or does not answer within half a minute. */
  send(mail: Mail): Promise<void>
  /** Asks the server whether it would take mail from us. Rejects with its words. */
  verify(): Promise<void>
  close(): void
}

const TIMEOUT_MS = 30_000

/** Null where no server is set. Credentials go over TLS alone: `smtps://`, or STARTTLS where the address has some. */
export async function createMailer({ mail }: MailSettings): Promise<Mailer | null> {
  if (mail === null) return null
  // Most installations send no mail, and do without its 10 MiB.
  const { createTransport } = await import('nodemailer')
  const url = new URL(mail.smtpUrl)
  const secure = url.protocol === 'smtps:'
  const auth = url.username === '' ? {} : { auth: { user: plain(url.username), pass: plain(url.password) } }
  const transport = createTransport({
    host: url.hostname,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && url.username !== '',
    ...auth,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text }) {
      await transport.sendMail({ from: { name: 'Slipway', address: mail.from }, to, subject, text })
    },
    async verify() {
      await transport.verify()
    },
    close: () => transport.close(),
  }
}

const plain = (text: string) => decodeURIComponent(text)
