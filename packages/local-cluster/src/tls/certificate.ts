import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key and its self-signed certificate, as PEM. */
export interface TlsIdentity {
  key: string
  certificate: string
}

const validYears = 10
const renewBeforeMs = 30 * 24 * 60 * 60_000

/**
 * The API's certificate for 127.0.0.1 and localhost, made once and kept in `directory` with mode 600.
 * kubectl sends its token over TLS only, so plain HTTP would not do.
 */
export function loadIdentity(directory: string): TlsIdentity {
  const [keyFile, certificateFile] = [join(directory, 'tls.key'), join(directory, 'tls.crt')]
  if (existsSync(keyFile) && existsSync(certificateFile)) {
    const found = { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certificateFile, 'utf8') }
    if (isUsable(found)) return found
  }
  const made = createIdentity(new Date())
  writeFileSync(keyFile, made.key, { mode: 0o600 })
  writeFileSync(certificateFile, made.certificate, { mode: 0o600 })
  return made
}

function isUsable(identity: TlsIdentity): boolean {
  try {
    const certificate = new X509Certificate(identity.certificate)
    const endsMs = Date.parse(certificate.validTo)
    return certificate.checkPrivateKey(createPrivateKey(identity.key)) && endsMs - Date.now() > renewBeforeMs
  } catch (error) {
    // A damaged file is replaced, as nothing but the kubeconfig, which is written anew, knows of it.
    if (error instanceof Error) return false
    throw error
  }
}

/** A P-256 key with a certificate that is its own authority. Reference: RFC 5280. */
function createIdentity(now: Date): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body = certificateBody(publicKey, now)
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, ecdsaWithSha256, bitString(signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(der),
  }
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function certificateBody(publicKey: KeyObject, now: Date): Buffer {
  const ends = new Date(now)
  ends.setUTCFullYear(ends.getUTCFullYear() + validYears)
  const begins = new Date(now.getTime() - 60 * 60_000)
  const serial = randomBytes(16)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  const name = sequence(
    tagged(0x31, sequence(objectId(2, 5, 4, 3), tagged(0x0c, Buffer.from('slipway-local-cluster')))),
  )
  const alternativeNames = sequence(
    tagged(0x82, Buffer.from('localhost')),
    tagged(0x87, Buffer.from([127, 0, 0, 1])),
    tagged(0x82, Buffer.from('kubernetes')),
  )
  const extensions = sequence(
    extension([2, 5, 29, 19], true, sequence(tagged(0x01, Buffer.from([0xff])))),
    // digitalSignature and keyCertSign.
    extension([2, 5, 29, 15], true, tagged(0x03, Buffer.from([2, 0x84]))),
    extension([2, 5, 29, 37], false, sequence(objectId(1, 3, 6, 1, 5, 5, 7, 3, 1))),
    extension([2, 5, 29, 17], false, alternativeNames),
  )
  return sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(generalizedTime(begins), generalizedTime(ends)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  )
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content])
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  if (length < 0x100) return Buffer.from([0x81, length])
  return Buffer.from([0x82, length >> 8, length & 0xff])
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]))
}

function objectId(first: number, second: number, ...rest: number[]): Buffer {
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const groups = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    bytes.push(...groups)
  }
  return tagged(0x06, Buffer.from(bytes))
}

function extension(id: [number, number, ...number[]], critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [tagged(0x01, Buffer.from([0xff]))] : []
  return sequence(objectId(...id), ...flag, tagged(0x04, value))
}

/** RFC 5280 wants UTCTime until 2049 and GeneralizedTime after. */
function generalizedTime(time: Date): Buffer {
  const digits = time.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  return time.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`))
}

const ecdsaWithSha256 = sequence(objectId(1, 2, 840, 10045, 4, 3, 2))
