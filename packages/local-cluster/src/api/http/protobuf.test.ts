import { describe, expect, test } from 'vitest'
import { decodeProtobuf } from './protobuf.ts'

/** What kubectl 1.32 sent for `create …`, by the rest of its command line. */
const sent = {
  'deployment web --image=busybox --replicas=0 --port=8080':
    'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er0BCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEosBCAASDAoKCgNhcHASA3dlYhpxChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViElESMwoHYnVzeWJveBIHYnVzeWJveCoAMgsKABAAGJA/IgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA==',
  'cronjob often --image=busybox --schedule=@hourly':
    'azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhKjAQoVCgVvZnRlbhIAGgAiACoAMgA4AEIAEocBCgdAaG91cmx5GgAqegoVCgVvZnRlbhIAGgAiACoAMgA4AEIAEmEyXwoQCgASABoAIgAqADIAOABCABJLEiQKBW9mdGVuEgdidXN5Ym94KgBCAGoAcgCAAQCIAQCQAQCiAQAaCU9uRmFpbHVyZTIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAGgAaACIA',
  'pdb some --selector=app=web --max-unavailable=50%':
    'azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSPQoUCgRzb21lEgAaACIAKgAyADgAQgASGRIMCgoKA2FwcBIDd2ViGgkIARAAGgM1MCUaCggAGAAgACgAMAAaACIA',
  'quota few --hard=cpu=2,memory=1Gi':
    'azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRI2ChMKA2ZldxIAGgAiACoAMgA4AEIAEh0KCgoDY3B1EgMKATIKDwoGbWVtb3J5EgUKAzFHaRoAGgAiAA==',
  'ingress front --rule=a.b/x*=web:http':
    'azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJJChUKBWZyb250EgAaACIAKgAyADgAQgASLBoqCgNhLmISIwohCh8KAi94EhEiDwoDd2ViEggKBGh0dHAQABoGUHJlZml4GgIKABoAIgA=',
  'service nodeport open --tcp=80:web --node-port=31000':
    'azhzAAoNCgJ2MRIHU2VydmljZRJuCiEKBG9wZW4SABoAIgAqADIAOABCAFoLCgNhcHASBG9wZW4SRQoeCgY4MC13ZWISA1RDUBhQIgkIARAAGgN3ZWIomPIBEgsKA2FwcBIEb3BlbhoAIghOb2RlUG9ydDoAQgBSAFoAYABoABoCCgAaACIA',
}
const decode = (line: keyof typeof sent) => decodeProtobuf(Buffer.from(sent[line], 'base64'))

describe('protobuf', () => {
  test('zero says something where the field can be absent, and nothing elsewhere', () => {
    expect(decode('deployment web --image=busybox --replicas=0 --port=8080')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        strategy: {},
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [{ name: 'busybox', image: 'busybox', ports: [{ containerPort: 8080 }], resources: {} }],
          },
        },
      },
      status: {},
    })
  })

  test('quantities, numbers or texts, and messages that JSON shows as their outer one', () => {
    expect(decode('quota few --hard=cpu=2,memory=1Gi')).toMatchObject({
      apiVersion: 'v1',
      spec: { hard: { cpu: '2', memory: '1Gi' } },
    })
    expect(decode('pdb some --selector=app=web --max-unavailable=50%')).toMatchObject({
      spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } },
    })
    expect(decode('ingress front --rule=a.b/x*=web:http')).toMatchObject({
      spec: {
        rules: [
          {
            host: 'a.b',
            http: {
              paths: [
                { path: '/x', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } },
              ],
            },
          },
        ],
      },
    })
    expect(decode('service nodeport open --tcp=80:web --node-port=31000')).toMatchObject({
      spec: { type: 'NodePort', ports: [{ name: '80-web', port: 80, targetPort: 'web', nodePort: 31000 }] },
    })
    expect(decode('cronjob often --image=busybox --schedule=@hourly')).toMatchObject({
      spec: {
        schedule: '@hourly',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure' } } } },
      },
    })
  })

  test('bytes that are cut off or changed anywhere are nothing, or another object; never a fault', () => {
    for (const text of Object.values(sent)) {
      const whole = Buffer.from(text, 'base64')
      for (let at = 0; at < whole.length; at += 1) {
        expect(() => decodeProtobuf(whole.subarray(0, at))).not.toThrow()
        for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = Buffer.from(whole)
          changed[at] = byte
          expect(() => JSON.stringify(decodeProtobuf(changed))).not.toThrow()
        }
      }
    }
  })
})
