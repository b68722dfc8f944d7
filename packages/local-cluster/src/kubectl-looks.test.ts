import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './testing/api.ts'
import { everyKind } from './testing/every-kind.ts'
import { type Kubectl, kubectlIsThere, kubectlMinor, startKubectl } from './testing/kubectl.ts'

/** Kinds that kubectl 1.20 describes in versions that Kubernetes 1.36 does not serve any more, so that it says they are not there. */
const olderVersions =
  kubectlMinor < 21 ? ['cronjobs.batch', 'endpointslices.discovery.k8s.io', 'poddisruptionbudgets.policy'] : []

/** The first line of `kubectl get`, by kind, as Kubernetes 1.36 shows them; other kinds have a name and an age. */
const columns: Record<string, string> = {
  configmaps: 'NAME AGE',
  limitranges: 'NAME CREATED AT',
  namespaces: 'NAME STATUS AGE',
  nodes: 'NAME STATUS ROLES AGE VERSION',
  persistentvolumeclaims: 'NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS VOLUMEATTRIBUTESCLASS AGE',
  pods: 'NAME READY STATUS RESTARTS AGE',
  resourcequotas: 'NAME REQUEST LIMIT AGE',
  secrets: 'NAME TYPE DATA AGE',
  serviceaccounts: 'NAME AGE',
  services: 'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE',
  'daemonsets.apps': 'NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE',
  'deployments.apps': 'NAME READY UP-TO-DATE AVAILABLE AGE',
  'replicasets.apps': 'NAME DESIRED CURRENT READY AGE',
  'statefulsets.apps': 'NAME READY AGE',
  'cronjobs.batch': 'NAME SCHEDULE TIMEZONE SUSPEND ACTIVE LAST SCHEDULE AGE',
  'jobs.batch': 'NAME STATUS COMPLETIONS DURATION AGE',
  'httproutes.gateway.networking.k8s.io': 'NAME HOSTNAMES AGE',
  'ingresses.networking.k8s.io': 'NAME CLASS HOSTS ADDRESS PORTS AGE',
  'networkpolicies.networking.k8s.io': 'NAME POD-SELECTOR AGE',
}

describe.skipIf(!kubectlIsThere)('kubectl looks', { timeout: 120_000 }, () => {
  let kubectl: Kubectl
  beforeAll(async () => {
    kubectl = await startKubectl()
    await kubectl.run('apply -f -', everyKind())
    await kubectl.available('web')
    await kubectl.run('wait --for=condition=Complete job/once --timeout=60s')
    await kubectl.run('rollout status statefulset/store --timeout=60s')
    await kubectl.run('rollout status daemonset/agent --timeout=60s')
  })
  afterAll(() => kubectl.stop())

  const run: Kubectl['run'] = (line, input) => kubectl.run(line, input)

  test('get: each kind has the columns of Kubernetes', async () => {
    for (const [kind, titles] of Object.entries(columns)) {
      const [first = ''] = (await run(`get ${kind}`)).split('\n')
      expect(first.trim().replaceAll(/\s+/g, ' '), kind).toBe(titles)
    }
  })

  test('get: by selector and field, sorted, in pages, as columns of one choice, and what is not there', async () => {
    expect(
      await run('get pods -l app=web,app!=x --field-selector=status.phase=Running --chunk-size=1 -o name'),
    ).toMatch(/^pod\/web-\S+\npod\/web-\S+\n$/)
    const chosen = await run('get pods -l app=store -o custom-columns=NAME:.metadata.name,IS:.status.phase')
    expect(chosen).toBe('NAME      IS\nstore-0   Running\n')
    expect(await run('get pods,deployments -A --no-headers')).toMatch(/deployment\.apps\/web\s+2\/2/)
    expect(await run('get deployments -A --sort-by=.metadata.name --no-headers')).toMatch(/^default\s+web\s+2\/2/)
    const gone = await kubectl.attempt(['get', 'deployment', 'web', 'nobody', '-o', 'name'])
    expect(gone).toMatchObject({
      code: 1,
      stdout: 'deployment.apps/web\n',
      stderr: 'Error from server (NotFound): deployments.apps "nobody" not found\n',
    })
    const unknown = await kubectl.attempt(['get', 'nothing'])
    expect(unknown).toMatchObject({ code: 1, stderr: `error: the server doesn't have a resource type "nothing"\n` })
    expect((await kubectl.attempt(['get', 'pods', '-n', 'empty'])).stderr).toBe(
      'No resources found in empty namespace.\n',
    )
  })

  test('describe: every kind that is served', async () => {
    const kinds = (await run('api-resources --verbs=list,get -o name')).trim().split('\n')
    expect(kinds.length).toBeGreaterThan(25)
    for (const kind of kinds.filter((each) => !olderVersions.includes(each))) {
      const described = await kubectl.attempt(['describe', kind])
      expect(described.code, `${kind}: ${described.stderr}`).toBe(0)
      if (!/^No resources found/.test(described.stderr)) expect(described.stdout, kind).toMatch(/^Name:\s+\S/)
    }
    expect(await run('describe deployment web')).toMatch(/Replicas:\s+2 desired \| 2 updated \| 2 total \| 2 available/)
    expect(await run('describe node local')).toMatch(/Allocated resources:/)
    expect(await run('describe service web')).toMatch(/Endpoints:\s+[\d.]+:\d+,[\d.]+:\d+/)
    expect(await run('describe quota few')).toMatch(/pods\s+\d+\s+30/)
  })

  test('a field that does not exist is refused with its name', async () => {
    const wrong = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'wrong' }, dada: { a: 'b' } }
    const refused = await kubectl.attempt(['create', '-f', '-'], JSON.stringify(wrong))
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/unknown field "dada"/)
  })

  test('api-resources, api-versions, cluster-info and version', async () => {
    const resources = await run('api-resources')
    expect(resources).toMatch(/deployments\s+deploy\s+apps(?:\/v1)?\s+true\s+Deployment/)
    const versions = (await run('api-versions')).trim().split('\n')
    expect(versions).toEqual(expect.arrayContaining(['v1', 'apps/v1', 'batch/v1']))
    expect(await run('cluster-info')).toMatch(/is running at .*https:\/\/127\.0\.0\.1:\d+/)
    expect(await run('version')).toMatch(/Server Version: .*v1\.36\.2/)
  })

  test('events, as they are and of one object', async () => {
    expect(await run('get events')).toMatch(/Normal\s+ScalingReplicaSet\s+deployment\/web\s+Scaled up replica set/)
    if (kubectlMinor < 26) return
    expect(await run('events --for=deployment/web')).toMatch(/Normal\s+ScalingReplicaSet\s+Deployment\/web\s+Scaled up/)
  })

  test('a token that nobody has', async () => {
    const refused = await kubectl.attempt(['get', 'pods', '--token=nobody'])
    expect(refused).toMatchObject({ code: 1, stderr: 'error: You must be logged in to the server (Unauthorized)\n' })
  })

  test('top: nodes, pods and containers', async () => {
    await eventually(async () => /\nstore-0\s/.test((await kubectl.attempt(['top', 'pods'])).stdout), 60_000)
    expect(await run('top pods --containers')).toMatch(/\nstore-0\s+app\s+\d+m\s+\d+Mi/)
    expect(await run('top nodes')).toMatch(/\nlocal\s+\d+m\s+\d+%\s+\d+Mi\s+\d+%/)
  })
})
