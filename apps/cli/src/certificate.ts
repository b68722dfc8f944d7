import type { CertificateState, CertificateView } from '@slipway/domain'
import { type Io, paint } from './io.ts'
import { ago, until } from './time.ts'

const COLOR: Record<CertificateState, Parameters<typeof paint>[1]> = {
  Issued: 'green',
  Issuing: 'blue',
  Failed: 'red',
  Missing: 'gray',
  Unknown: 'yellow',
}

/** "Issued, expires in 89 days", "Failed: The order is invalid." */
export function describeCertificate(io: Io, { state, message, expiresAt }: CertificateView, nowMs: number): string {
  const expiry = expiresAt === null ? '' : `, ${expiryOf(expiresAt, nowMs)}`
  return `${paint(io, COLOR[state], state)}${expiry}${message === null ? '' : `: ${message}`}`
}

const expiryOf = (at: string, nowMs: number) =>
  Date.parse(at) <= nowMs ? `expired ${ago(at, nowMs)}` : `expires ${until(at, nowMs)}`
