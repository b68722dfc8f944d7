import type { CertificateView } from '@slipway/domain'

interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}

/** What is read of a Certificate. Reference: https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export interface Certificate {
  status?: {
    conditions?: readonly Condition[]
    notAfter?: string
    renewalTime?: string
  }
}

const SENTENCE_MAX = 200

/**
 * How the certificate of a host is. `asked`: an Ingress that cert-manager follows names the host. A certificate that is still
 * valid stays Issued whatever becomes of its renewal; the message says so then.
 */
export function certificateHealth(
  certificate: Certificate | undefined,
  { asked, nowMs }: { asked: boolean; nowMs: number },
): CertificateView {
  if (certificate === undefined) return { ...missing(asked), expiresAt: null, renewsAt: null }
  const { conditions = [], notAfter, renewalTime } = certificate.status ?? {}
  const condition = (type: string) => conditions.find((each) => each.type === type)
  const [ready, issuing] = [condition('Ready'), condition('Issuing')]
  const failure = issuing?.status === 'False' ? sentence(issuing.message) : null
  const isExpired = notAfter !== undefined && Date.parse(notAfter) <= nowMs
  const times = { expiresAt: notAfter ?? null, renewsAt: renewalTime ?? null }
  if (ready?.status === 'True' && !isExpired)
    return { state: 'Issued', message: failure && `The renewal failed: ${lowerFirst(failure)}`, ...times }
  if (isExpired)
    return { state: 'Failed', message: `It has expired. ${failure ?? 'It has not been renewed.'}`, ...times }
  if (failure !== null) return { state: 'Failed', message: failure, ...times }
  return { state: 'Issuing', message: waiting(issuing ?? ready), ...times }
}

function missing(asked: boolean): Pick<CertificateView, 'state' | 'message'> {
  const message = asked
    ? 'cert-manager has not created this certificate yet. If this persists, check that cert-manager is running on the cluster.'
    : 'It is requested when the app is deployed with a web process.'
  return { state: 'Missing', message }
}

/** Until the first certificate is there, cert-manager says that its Secret is not: true, and no help. */
function waiting(condition: Condition | undefined): string {
  if (condition === undefined) return 'cert-manager has not started yet.'
  if (condition.reason === 'DoesNotExist') return 'Waiting for the issuer to issue the first certificate.'
  return sentence(condition.message)
}

const RETRIED = 'The certificate request has failed to complete and will be retried:'
/** An ACME order that came to nothing. cert-manager names its state, and seldom the reason. */
const ORDER = /^Failed to wait for order resource "[^"]*" to become ready: order is in "(\w+)" state:?/

/** One sentence of cert-manager's: without what every failure begins with, without line breaks, not too long. */
function sentence(message = ''): string {
  const text = message.replaceAll(/\s+/g, ' ').trim()
  const failure = text.startsWith(RETRIED) ? text.slice(RETRIED.length).trim() : text
  const state = ORDER.exec(failure)?.[1]
  const plain = failure
    .replace(ORDER, '')
    .replace(/[\s:.]+$/, '')
    .trim()
  if (plain === '') return state === undefined ? 'cert-manager gives no reason.' : orderFailure(state)
  return plain.length <= SENTENCE_MAX ? `${plain}.` : `${plain.slice(0, SENTENCE_MAX).replace(/\s+\S*$/, '')} …`
}

/** Reference: https://cert-manager.io/docs/troubleshooting/acme/ */
function orderFailure(state: string): string {
  if (state !== 'invalid') return `The order at the issuer is "${state}".`
  return 'The issuer could not verify the host name. Most often its DNS record does not point to this cluster.'
}

/** "Failed to create" goes on in lower case; "ACME" and "cert-manager" stay as they are. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]?.toLowerCase() + text.slice(1) : text
}
