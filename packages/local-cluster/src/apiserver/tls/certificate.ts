import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KUBERNETES_IP } from '../core/cluster-ips.ts'

/** A key and its self-signed certificate, as PEM. */
export interface TlsIdentity {
  key: string
  certificate: string
}

const validYears = 10
const renewBeforeMs = 30 * 24 * 60 * 60_000

/** What the API is called, on this machine and by pods. */
export const apiHosts = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]
export const apiAddresses = ['127.0.0.1', KUBERNETES_IP]

/**
 * The API's certificate, made once and kept in `directory` with mode 600.
 * kubectl sends its token over TLS only, so plain HTTP would not do.
 */
export async function loadIdentity(directory: string): Promise<TlsIdentity> {
  const [keyFile, certificateFile] = [join(directory, 'tls.key'), join(directory, 'tls.crt')]
  if (existsSync(keyFile) && existsSync(certificateFile)) {
    const found = { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certificateFile, 'utf8') }
    if (isUsable(found)) return found
  }
  const made = await createIdentity(new Date())
  writeFileSync(keyFile, made.key, { mode: 0o600 })
  writeFileSync(certificateFile, made.certificate, { mode: 0o600 })
  return made
}

function isUsable(identity: TlsIdentity): boolean {
  try {
    const certificate = new X509Certificate(identity.certificate)
    const endsMs = Date.parse(certificate.validTo)
    const isCalled =
      apiHosts.every((host) => certificate.checkHost(host)) && apiAddresses.every((ip) => certificate.checkIP(ip))
    const isWhole = certificate.checkPrivateKey(createPrivateKey(identity.key))
    return isCalled && isWhole && endsMs - Date.now() > renewBeforeMs
  } catch (error) {
    // A damaged file is replaced, as nothing but the kubeconfig, which is written anew, knows of it.
    if (error instanceof Error) return false
    throw error
  }
}

/** A P-256 key with a certificate that is its own authority. */
async function createIdentity(now: Date): Promise<TlsIdentity> {
  // Needed once in ten years: not to be loaded with every start.
  const { generate } = await import('selfsigned')
  const ends = new Date(now)
  ends.setUTCFullYear(ends.getUTCFullYear() + validYears)
  const made = await generate([{ name: 'commonName', value: 'slipway-local-cluster' }], {
    keyType: 'ec',
    curve: 'P-256',
    notBeforeDate: new Date(now.getTime() - 60 * 60_000),
    notAfterDate: ends,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...apiHosts.map((value) => ({ type: 2 as const, value })),
          ...apiAddresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  return { key: made.private, certificate: made.cert }
}
