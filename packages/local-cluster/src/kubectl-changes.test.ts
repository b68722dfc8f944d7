import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './testing/api.ts'
import { deployment, type Kubectl, kubectlIsThere, kubectlMinor, startKubectl } from './testing/kubectl.ts'

/** What a person changes with kubectl, besides what kubectl.test.ts creates. */
describe.skipIf(!kubectlIsThere)('kubectl changes', { timeout: 120_000 }, () => {
  let kubectl: Kubectl
  beforeAll(async () => {
    kubectl = await startKubectl()
    await kubectl.run('apply -f -', deployment('web', 1))
    await kubectl.available('web')
  })
  afterAll(() => kubectl.stop())

  const run: Kubectl['run'] = (line, input) => kubectl.run(line, input)
  const attempt: Kubectl['attempt'] = (...args) => kubectl.attempt(...args)

  test('apply says what it did, and prunes nothing that it was not told to', async () => {
    const file = join(kubectl.dir, 'settings.json')
    const settings = (data: Record<string, string>) =>
      writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data }))
    settings({ a: '1', b: '2' })
    expect(await run(`apply -f ${file}`)).toBe('configmap/settings created\n')
    expect(await run(`apply -f ${file}`)).toBe('configmap/settings unchanged\n')
    settings({ a: '3' })
    expect((await attempt(['diff', '-f', file])).code).toBe(1)
    expect(await run(`apply -f ${file} --dry-run=server`)).toBe('configmap/settings configured (server dry run)\n')
    expect(await run('get configmap settings -o jsonpath={.data}')).toBe('{"a":"1","b":"2"}')
    expect(await run(`apply -f ${file}`)).toBe('configmap/settings configured\n')
    expect(await run('get configmap settings -o jsonpath={.data}')).toBe('{"a":"3"}')
    expect((await attempt(['diff', '-f', file])).code).toBe(0)
    expect(await run(`delete -f ${file}`)).toMatch(/^configmap "settings" deleted/)
    const again = await attempt(['delete', '-f', file])
    expect(again).toMatchObject({ code: 1 })
    expect(again.stderr).toMatch(/^Error from server \(NotFound\): .*configmaps "settings" not found\n$/)
    expect(await run(`delete --ignore-not-found -f ${file}`)).toBe('')
  })

  test('apply changes one container of several, and keeps the others', async () => {
    const containers = ['one', 'two'].map((name) => ({ name, image: 'busybox:1.35', command: ['sleep', '600'] }))
    const labels = { app: 'pair' }
    const pair = (template: object[]) =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'pair' },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: template } },
        },
      })
    await run('apply -f -', pair(containers))
    await run('set image deployment/pair two=busybox:1.37')
    expect(await run('apply -f -', pair([{ ...containers[0], image: 'busybox:1.36' }, containers[1] ?? {}]))).toBe(
      'deployment.apps/pair configured\n',
    )
    expect(await run('get deployment pair -o jsonpath={..image}')).toBe('busybox:1.36 busybox:1.35')
    await run('apply -f -', pair(containers.slice(1)))
    expect(await run('get deployment pair -o jsonpath={..containers[*].name}')).toBe('two')
    await run('delete deployment pair')
  })

  test('apply -k builds and applies a kustomization', async () => {
    const dir = join(kubectl.dir, 'kustomized')
    mkdirSync(dir)
    writeFileSync(join(dir, 'web.json'), deployment('base', 1))
    const kustomization = [
      'resources: [web.json]',
      'namePrefix: my-',
      'configMapGenerator:',
      '- {name: c, literals: [a=b]}',
    ]
    writeFileSync(join(dir, 'kustomization.yaml'), `${kustomization.join('\n')}\n`)
    expect(await run(`apply -k ${dir}`)).toMatch(/^configmap\/my-c-\w+ created\ndeployment\.apps\/my-base created\n$/)
    await kubectl.available('my-base')
    expect(await run(`delete -k ${dir}`)).toContain('deployment.apps "my-base" deleted')
  })

  test('edit: with an editor, without a change, and with one that is refused', async () => {
    const before = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'edited' }, data: { a: 'before' } }
    await run('apply -f -', JSON.stringify(before))
    const edited = await attempt(['edit', 'configmap', 'edited'], '', { KUBE_EDITOR: 'sed -i s/before/after/' })
    expect(edited.stdout, edited.stderr).toBe('configmap/edited edited\n')
    expect(await run('get configmap edited -o jsonpath={.data.a}')).toBe('after')
    const same = await attempt(['edit', 'configmap', 'edited'], '', { KUBE_EDITOR: 'true' })
    expect(`${same.stdout}${same.stderr}`).toBe('Edit cancelled, no changes made.\n')
    await run('delete configmap edited')
  })

  test('replace, and replace --force', async () => {
    const of = (a: string) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'put' }, data: { a } })
    await run('create -f -', of('1'))
    expect(await run('replace -f -', of('2'))).toBe('configmap/put replaced\n')
    const uid = await run('get configmap put -o jsonpath={.metadata.uid}')
    expect(await run('replace --force -f -', of('3'))).toMatch(
      /configmap "put" deleted[^\n]*\nconfigmap\/put replaced\n$/,
    )
    expect(await run('get configmap put -o jsonpath={.metadata.uid}')).not.toBe(uid)
    const twice = await attempt(['create', '-f', '-'], of('4'))
    expect(twice.code).toBe(1)
    expect(twice.stderr).toMatch(/\(AlreadyExists\): .*configmaps "put" already exists\n$/)
  })

  test('scale with a condition, expose, set env and set resources', async () => {
    const other = await attempt(['scale', 'deployment/web', '--replicas=2', '--current-replicas=7'])
    expect(other).toMatchObject({ code: 1, stderr: 'error: Expected replicas to be 7, was 1\n' })
    expect(await run('scale deployment/web --replicas=2 --current-replicas=1')).toBe('deployment.apps/web scaled\n')
    await run('rollout status deployment/web --timeout=60s')
    expect(await run('expose deployment web --port=80 --target-port=8080')).toBe('service/web exposed\n')
    expect(await run('get service web')).toMatch(/\nweb\s+ClusterIP\s+10\.\S+\s+<none>\s+80\/TCP/)
    expect(await run('set env deployment/web COLOUR=blue')).toBe('deployment.apps/web env updated\n')
    expect(await run('set env deployment/web --list')).toContain('COLOUR=blue')
    await run('set resources deployment/web --limits=memory=64Mi')
    expect(await run('get deployment web -o jsonpath={..limits.memory}')).toBe('64Mi')
    await run('rollout status deployment/web --timeout=60s')
  })

  test('rollout pause, resume, restart, history of one revision and undo to it', async () => {
    await run('apply -f -', deployment('turned', 1))
    await run('rollout status deployment/turned --timeout=60s')
    expect(await run('rollout pause deployment/turned')).toBe('deployment.apps/turned paused\n')
    await run('set image deployment/turned app=busybox:1.36')
    const paused = await attempt(['rollout', 'undo', 'deployment/turned', '--to-revision=1'])
    expect(paused.stderr).toContain('cannot rollback a paused deployment; resume it first')
    expect(await run('rollout resume deployment/turned')).toBe('deployment.apps/turned resumed\n')
    await run('rollout status deployment/turned --timeout=60s')
    expect(await run('rollout history deployment/turned --revision=2')).toMatch(
      /with revision #2\n[\s\S]*busybox:1\.36/,
    )
    expect(await run('rollout undo deployment/turned --to-revision=1')).toContain(
      'deployment.apps/turned rolled back\n',
    )
    const gone = await attempt(['rollout', 'history', 'deployment/turned', '--revision=9'])
    expect(gone).toMatchObject({ code: 1, stderr: 'error: unable to find the specified revision\n' })
    await run('delete deployment turned')
  })

  test('cordon, taint and uncordon', async () => {
    expect(await run('cordon local')).toBe('node/local cordoned\n')
    expect(await run('get nodes')).toMatch(/\nlocal\s+Ready,SchedulingDisabled\s/)
    expect(await run('taint nodes local kept=for:NoSchedule')).toBe('node/local tainted\n')
    expect(await run('describe node local')).toMatch(/Taints:\s+kept=for:NoSchedule/)
    expect(await run('taint nodes local kept:NoSchedule-')).toBe('node/local untainted\n')
    expect(await run('uncordon local')).toBe('node/local uncordoned\n')
  })

  test('wait: for a condition, for the end, and in vain', async () => {
    const late = await attempt(['wait', '--for=condition=Never', 'deployment/web', '--timeout=1s'])
    expect(late).toMatchObject({ code: 1, stderr: 'error: timed out waiting for the condition on deployments/web\n' })
    await run('run ends --image=busybox:1.35 --restart=Never -- sleep 600')
    const { child, shown } = kubectl.start(['wait', '--for=delete', 'pod/ends', '--timeout=60s'])
    const over = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await run('delete pod ends --now --wait=false')
    expect(await over, shown()).toBe(0)
    if (kubectlMinor < 23) return
    expect(await run('wait --for=jsonpath={.spec.replicas}=2 deployment/web --timeout=10s')).toContain('condition met')
  })

  test('proxy serves the API without credentials', async () => {
    const { child, shown } = kubectl.start(['proxy', '--port=0'])
    try {
      await eventually(async () => /Starting to serve on 127\.0\.0\.1:\d+/.test(shown()))
      const port = /127\.0\.0\.1:(\d+)/.exec(shown())?.[1]
      const answer: unknown = await (await fetch(`http://127.0.0.1:${port}/api/v1/namespaces/default`)).json()
      expect(answer).toMatchObject({ kind: 'Namespace', metadata: { name: 'default' } })
    } finally {
      child.kill()
    }
  })
})
