import {
  type AppToRender,
  buildSettingsSchema,
  type EnvironmentToRender,
  type RunToRender,
  type TrackToRender,
} from '@slipway/domain'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { built, canary, gateway, release42, web, where } from '../test/apps.ts'
import { renderApp } from './app.ts'
import { renderBuildJob } from './build.ts'
import type { BuildToRender } from './build-to-render.ts'
import { renderEnvironment } from './environment.ts'
import { withInstallation } from './labels.ts'
import type { KubeObject } from './object.ts'
import { renderReleaseCommand, renderRun } from './run.ts'

const nginx: TrackToRender = {
  ...{ track: 'stable', weight: 100, release: 1, image: 'nginx:1.29', config: {}, runsAsNonRoot: false },
  processes: [{ ...web, instances: 1 }],
}
const image: AppToRender = {
  ...where,
  appId: '0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a00',
  app: 'cache',
  tracks: [nginx],
  hostnames: [],
  route: null,
}

const check = { path: '/healthz', intervalSeconds: 10, timeoutSeconds: 3, failureThreshold: 2 }
const checked: TrackToRender = {
  ...release42,
  processes: [
    { ...web, instances: 2, healthCheck: check, stopTimeoutSeconds: 90, drainSeconds: 20, startTimeoutSeconds: 60 },
    { ...web, instances: 1, name: 'metrics', healthCheck: { path: '/ready', port: 9090 }, drainSeconds: 0 },
    {
      ...web,
      instances: 1,
      name: 'mail',
      kind: 'worker',
      healthCheck: { path: '/alive', port: 9100 },
      stopTimeoutSeconds: 600,
    },
  ],
}

const run: RunToRender = {
  ...where,
  app: 'api',
  release: 42,
  image: release42.image,
  runsAsNonRoot: true,
  run: '0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b',
  command: ['sh', '-c', 'echo $HOME $(DATABASE_URL) $$'],
  cpuMillis: 250,
  memoryMiB: 512,
  timeoutSeconds: 3600,
  mode: 'output',
}

const environment: EnvironmentToRender = {
  ...where,
  limits: { cpuMillis: 4000, memoryMiB: 8192, instances: 20 },
  ingressNamespace: 'ingress-nginx',
  egress: { allow: [], deny: [] },
  pullCredentials: [],
  podSecurity: 'baseline',
}

const build: BuildToRender = {
  ...where,
  app: 'api',
  build: 7,
  buildId: 'cm4build7',
  installation: null,
  strategy: 'native',
  clusterKind: 'local',
  platformNamespace: null,
  egress: { allow: [], deny: [] },
  reach: [],
  settings: buildSettingsSchema.parse({}),
  processes: {},
  vars: {},
  commit: '4f2c1d0e9b8a7c6d5e4f3a2b1c0d9e8f7a6b5c4d',
  branch: 'main',
  baseImages: {},
  registryConfig: null,
  builderImage: 'slipway.internal/builder',
  sourceUrl: 'http://127.0.0.1:3000/internal/builds/7/source',
  sourceToken: 'secret',
  registryPushUrl: 'http://127.0.0.1:5000',
  imagePrefix: 'registry.slipway.internal',
  cacheKey: 'acme.shop-api',
  timeoutSeconds: 900,
  requests: { cpuMillis: 200, memoryMiB: 256 },
  limits: { cpuMillis: 4000, memoryMiB: 4096 },
}

const onKubernetes: BuildToRender = {
  ...build,
  installation: 'blue',
  clusterKind: 'kubernetes',
  platformNamespace: 'slipway-system',
  egress: { allow: ['10.20.0.0/16', 'fd12::/64'], deny: ['203.0.113.7/32'] },
  reach: [{ address: '192.168.1.2', port: 443 }],
  builderImage: 'registry.example.com/slipway/builder-node:0.1.0',
  settings: buildSettingsSchema.parse({ buildArgs: { PRICE: '$(HOME)$5' }, buildVars: ['NEXT_PUBLIC_*'] }),
  processes: { web: { command: 'node server.js', size: 'small' }, mail: { kind: 'worker' } },
  vars: { NEXT_PUBLIC_API: 'https://api.example.com' },
  baseImages: { node: 'docker.io/library/node:{version}-slim' },
  registryPushUrl: 'https://registry.example.com',
  imagePrefix: 'registry.example.com/slipway',
  registryConfig: '{"auths":{"registry.example.com":{"auth":"dTpw"}}}',
}

const yaml = (objects: KubeObject[]) =>
  objects.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })).join('---\n')

describe('golden YAML', () => {
  it.each([
    ['app-built', renderApp(built)],
    ['app-image', renderApp(image)],
    ['app-checks', renderApp({ ...built, tracks: [checked] })],
    ['app-gateway', renderApp({ ...built, route: gateway })],
    [
      'app-installation',
      withInstallation(renderApp({ ...image, tracks: [{ ...nginx, runsAsNonRoot: true }] }), 'blue'),
    ],
    ['app-canary-gateway', renderApp({ ...canary, route: gateway })],
    ['app-canary-ingress', renderApp(canary)],
    ['run', [renderRun(run)]],
    ['run-with-input', [renderRun({ ...run, mode: 'input' })]],
    ['run-with-terminal', [renderRun({ ...run, command: ['bash'], mode: 'terminal' })]],
    ['release-command', renderReleaseCommand({ ...run, appId: built.appId, config: release42.config })],
    ['environment', renderEnvironment(environment)],
    [
      'environment-unlimited',
      renderEnvironment({
        ...environment,
        podSecurity: 'restricted',
        limits: { cpuMillis: null, memoryMiB: null, instances: null },
        ingressNamespace: null,
      }),
    ],
    [
      'environment-pull',
      renderEnvironment({
        ...environment,
        pullCredentials: [
          { host: 'docker.io', username: 'acme', password: 'grüße' },
          { host: 'ghcr.io', username: 'octo', password: 'ghp_1' },
        ],
      }),
    ],
    ['build', renderBuildJob(build)],
    ['build-kubernetes', renderBuildJob(onKubernetes)],
    ['build-dockerfile', renderBuildJob({ ...onKubernetes, strategy: 'dockerfile' })],
    ['build-dockerfile-local', renderBuildJob({ ...build, strategy: 'dockerfile', vars: onKubernetes.vars })],
    ['build-owned', renderBuildJob(build, '0b5c3a8e-5a2f-4d0a-8d5e-3f1c2b4a6d7e')],
  ])('%s', async (name, objects) => {
    await expect(yaml(objects)).toMatchFileSnapshot(`../test-data/golden/${name}.yaml`)
  })
})
