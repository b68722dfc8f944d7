import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type Api, apiWith } from '../../e2e/support/api.ts'
import { ATTACK_NAMES, type Target } from './attacker.ts'
import type { Deployed } from './deployed.ts'
import { quantile, type Row } from './row.ts'

/** Calls of the well-behaved user that are measured, idle and under each attack. */
const CALLS = 60
const PAUSE_MS = 50
const PASSWORD = 'correct horse battery staple'
/** p95 of a well-behaved user's calls while another account, or nobody at all, does what once stopped Slipway for everybody. */
export async function benchAttack(deployed: Deployed, note: (text: string) => void): Promise<Row[]> {
  const { api, ref } = deployed
  const rows: Row[] = []
  const known = await whatIsKnown(deployed)
  for (const name of ATTACK_NAMES) {
    note(`idle, then ${name}`)
    const idle = await latencies(api, ref)
    const attacker = new Worker(new URL('./attacker.ts', import.meta.url), { workerData: { ...known, name } })
    await sleep(500)
    const attacked = await latencies(api, ref)
    attacker.postMessage('over')
    await once(attacker, 'exit')
    const p95 = (samples: number[]) => [quantile(samples, 0.95)]
    const baseline = 'the same, idle'
    rows.push({
      what: `p95 of a call while ${name}`,
      unit: 'ms',
      samples: p95(attacked),
      baseline,
      baselineSamples: p95(idle),
    })
  }
  return rows
}

async function latencies(api: Api, ref: Deployed['ref']): Promise<number[]> {
  const samples: number[] = []
  for (let call = 0; call < CALLS; call++) {
    const startedAt = performance.now()
    await (call % 2 === 0 ? api.app.get.query(ref) : api.app.list.query({}))
    samples.push(performance.now() - startedAt)
    await sleep(PAUSE_MS)
  }
  return samples
}

/** What an attacker has: an account of its own, and a webhook's address without its secret. */
async function whatIsKnown(deployed: Deployed): Promise<Omit<Target, 'name'>> {
  const { installation, api, ref } = deployed
  const { url, port } = installation
  const token = await outsider(deployed)
  await apiWith(url, token).team.create.mutate({ team: 'mallory', name: 'Mallory' })
  const repositoryUrl = `${url}/git/${ref.team}/${ref.project}/${ref.environment}/${ref.app}.git`
  const source = { host: 'github', repositoryUrl, branch: 'main', accessToken: deployed.token } as const
  const hook = await api.source.connect.mutate({ ...ref, ...source })
  return { url, port, token, ref, hookUrl: new URL(new URL(hook.url).pathname, url).href }
}

/** An account that is in no team of the others. */
async function outsider({ installation, api, ref }: Deployed): Promise<string> {
  const email = 'mallory@example.com'
  const { path: link } = await api.invitation.create.mutate({ team: ref.team, email, role: 'viewer' })
  const token = link.split('/').at(-1) ?? ''
  const anonymous = apiWith(installation.url)
  await anonymous.invitation.accept.mutate({ token, name: 'Mallory', password: PASSWORD })
  return (await anonymous.session.login.mutate({ email, password: PASSWORD, tokenName: 'attack' })).secret
}
