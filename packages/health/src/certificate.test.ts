import { describe, expect, it } from 'vitest'
import { type Certificate, certificateHealth } from './certificate.ts'

const nowMs = Date.parse('2026-11-29T12:00:00Z')
const times = { notAfter: '2027-02-27T11:00:00Z', renewalTime: '2027-01-28T11:00:00Z' }
const shown = { expiresAt: times.notAfter, renewsAt: times.renewalTime }
const none = { expiresAt: null, renewsAt: null }

// Conditions as cert-manager 1.21 writes them.
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'Ready',
  message: 'Certificate is up to date and has not expired',
}
const notReady = {
  type: 'Ready',
  status: 'False',
  reason: 'DoesNotExist',
  message: 'Issuing certificate as Secret does not exist',
}
const issuing = { ...notReady, type: 'Issuing', status: 'True' }
const refused = (why: string) => ({
  type: 'Issuing',
  status: 'False',
  reason: 'Failed',
  message: `The certificate request has failed to complete and will be retried: ${why}`,
})
const INVALID = 'Failed to wait for order resource "web-tls-1a2b-1-77" to become ready: order is in "invalid" state: '

const stateOf = (status: Certificate['status']) =>
  certificateHealth(status === undefined ? {} : { status }, { asked: true, nowMs })

describe('the certificate of a host', () => {
  it('is issued, with nothing to say of it', () => {
    expect(stateOf({ conditions: [ready], ...times })).toEqual({ state: 'Issued', message: null, ...shown })
  })

  it('stays issued while it is renewed, and when that fails', () => {
    const renewing = { type: 'Issuing', status: 'True', reason: 'Renewing', message: 'Renewing certificate' }
    expect(stateOf({ conditions: [ready, renewing], ...times })).toEqual({ state: 'Issued', message: null, ...shown })
    expect(stateOf({ conditions: [ready, refused(INVALID)], ...times })).toEqual({
      state: 'Issued',
      message:
        'The renewal failed: the issuer could not verify the host name. Most often its DNS record does not point to this cluster.',
      ...shown,
    })
  })

  it.each([
    [[notReady, issuing], 'Waiting for the issuer to issue the first certificate.'],
    [[notReady], 'Waiting for the issuer to issue the first certificate.'],
    [
      [
        {
          type: 'Ready',
          status: 'False',
          reason: 'IncorrectIssuer',
          message: 'Issuing certificate as Secret was previously issued by "ClusterIssuer.cert-manager.io/old"',
        },
      ],
      'Issuing certificate as Secret was previously issued by "ClusterIssuer.cert-manager.io/old".',
    ],
    [[], 'cert-manager has not started yet.'],
  ])('is being issued: %#', (conditions, message) => {
    expect(stateOf({ conditions })).toEqual({ state: 'Issuing', message, ...none })
  })

  it('is being issued before cert-manager wrote a status', () => {
    expect(stateOf(undefined)).toMatchObject({ state: 'Issuing' })
  })

  it.each([
    [INVALID, 'The issuer could not verify the host name. Most often its DNS record does not point to this cluster.'],
    [INVALID.replace('invalid', 'expired'), 'The order at the issuer is "expired".'],
    [
      `${INVALID.replace('invalid', 'errored')}Failed to finalize Order: 403 urn:ietf:params:acme:error:badCSR`,
      'Failed to finalize Order: 403 urn:ietf:params:acme:error:badCSR.',
    ],
    [
      'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited:\n too many certificates\n',
      'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates.',
    ],
    ['', 'cert-manager gives no reason.'],
  ])('failed: %j', (why, message) => {
    expect(stateOf({ conditions: [notReady, refused(why)] })).toEqual({ state: 'Failed', message, ...none })
  })

  it('says a long reason up to a word', () => {
    const { message } = stateOf({ conditions: [notReady, refused('word '.repeat(100))] })
    expect(message).toMatch(/^(word )+…$/)
    expect(message?.length).toBeLessThanOrEqual(202)
  })

  it('failed when it has expired, also where cert-manager did not notice', () => {
    const past = { notAfter: '2026-11-29T11:59:59Z' }
    expect(stateOf({ conditions: [ready], ...past })).toMatchObject({
      state: 'Failed',
      message: 'It has expired. It has not been renewed.',
      expiresAt: past.notAfter,
    })
    const expired = { ...notReady, reason: 'Expired', message: 'Certificate expired on Sun, 29 Nov 2026 11:59:59 UTC' }
    expect(stateOf({ conditions: [expired, refused(INVALID)], ...past })).toMatchObject({
      state: 'Failed',
      message: expect.stringMatching(/^It has expired\. The issuer could not verify/),
    })
  })

  it('is missing, with what is to come', () => {
    const missing = (asked: boolean) => certificateHealth(undefined, { asked, nowMs })
    expect(missing(true)).toEqual({
      state: 'Missing',
      message: expect.stringMatching(/cert-manager is running/),
      ...none,
    })
    expect(missing(false)).toEqual({
      state: 'Missing',
      message: 'It is requested when the app is deployed with a web process.',
      ...none,
    })
  })
})
