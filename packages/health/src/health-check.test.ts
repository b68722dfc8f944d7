import type { Probe } from 'kubernetes-types/core/v1.d.ts'
import { describe, expect, it } from 'vitest'
import { ago, app, NOW_MS, pod, podEvent } from '../test/objects.ts'
import { appHealth } from './app.ts'
import { podHealth } from './pod.ts'

const get: Probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5, timeoutSeconds: 2 }

/** A container that has started, has run for so long, and is not ready. */
function checked(seconds: number, probe: Probe = get) {
  const one = pod({ state: { running: { startedAt: ago(seconds) } } })
  Object.assign(one.spec?.containers[0] ?? {}, { readinessProbe: probe })
  Object.assign(one.status?.containerStatuses?.[0] ?? {}, { started: true })
  return one
}

describe('a health check over HTTP that fails', () => {
  it.each([
    ['HTTP probe failed with statuscode: 500', 'gets no requests: its health check GET /healthz answers 500'],
    [
      'Get "http://10.42.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
      'gets no requests: its health check GET /healthz does not answer within 2 s',
    ],
    ['Get "http://10.42.0.7:8080/healthz": EOF', 'health check GET /healthz fails: Get "http://10.42.0.7'],
    [
      'Get "http://10.42.0.7:8080/healthz": dial tcp 10.42.0.7:8080: connect: connection refused',
      'does not accept connections on PORT 8080',
    ],
  ])('%s', (said, words) => {
    const one = checked(60)
    const events = [podEvent(one, 'Unhealthy', `Readiness probe failed: ${said}`, 3)]
    expect(podHealth(one, { nowMs: NOW_MS, events }).message).toContain(words)
  })

  it('is said of the app, with what to do, and its cause is the same for every app', () => {
    const one = checked(60)
    const events = [podEvent(one, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', 3)]
    const { health, why } = appHealth(app({ pods: [one], events }))
    expect(health).toMatchObject({ status: 'Degraded', reason: 'HealthCheckFailed', state: 'not_answering' })
    expect(why?.cause).toBe('The process gets no requests: its health check answers 503.')
    expect(why?.action).toContain('200 to 399')
  })

  it('has the time of its own interval, and what an earlier run said does not count', () => {
    const rare = { ...get, periodSeconds: 60 }
    expect(podHealth(checked(100, rare), { nowMs: NOW_MS }).status).toBe('Progressing')
    const one = checked(40)
    const events = [podEvent(one, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 500', 90)]
    expect(podHealth(one, { nowMs: NOW_MS, events }).message).toContain('GET /healthz does not succeed')
  })
})
