import type { Mail } from './mailer.ts'

/** The mail that carries a link to set a new password. */
export function resetMail(
  to: string,
  { url, publicUrl, hours }: { url: string; publicUrl: string; hours: number },
): Mail {
  return {
    to,
    subject: 'Set a new password for Slipway',
    text: `Somebody, we hope you, asked to set a new password for your account at ${publicUrl}.

Open this link to set it. It works once, within ${hours === 1 ? 'an hour' : `${hours} hours`}:

${url}

If it was not you, ignore this mail: your password stays as it is.
`,
  }
}
