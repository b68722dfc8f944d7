/** States of a host's certificate. Unknown: certificates cannot be read. */
export const CERTIFICATE_STATES = ['Issued', 'Issuing', 'Failed', 'Missing', 'Unknown'] as const
export type CertificateState = (typeof CERTIFICATE_STATES)[number]

/** The certificate of one host, as cert-manager says it is. */
export interface CertificateView {
  state: CertificateState
  /** One sentence with the reason; null for one that is issued and well. */
  message: string | null
  /** When it expires and when it is renewed; null before the first one was issued. */
  expiresAt: string | null
  renewsAt: string | null
}
