import type { LocalApi } from '../types/client.ts'
import type { ContainerStatus } from '../types/container.ts'
import type { Pod } from '../types/pod.ts'
import { isFinished, isReady, isTerminating } from '../types/pod-conditions.ts'
import { Pods, Services } from '../types/resources.ts'
import type { Service } from '../types/service.ts'
import { appUnavailablePage } from './pages.ts'
import type { Route } from './routes.ts'

/** The page of one route is made anew at most this often: thousands may ask at once. */
const KEPT_MS = 1_000
const MOST_PAGES = 1_000

/** Makes the pages that say which app is not up, and why. */
export function createUnavailablePages(api: LocalApi): (route: Route) => Promise<string> {
  const pages = new Map<string, { madeMs: number; page: Promise<string> }>()
  return (route) => {
    const key = `${route.namespace}/${route.service} ${route.port.name ?? route.port.number ?? ''}`
    const now = performance.now()
    const known = pages.get(key)
    if (known !== undefined && now - known.madeMs < KEPT_MS) return known.page
    if (pages.size >= MOST_PAGES) pages.clear()
    const page = explain(api, route).then(({ app, why }) => appUnavailablePage(app, why))
    pages.set(key, { madeMs: now, page })
    return page
  }
}

/** Which app a route belongs to, and in one sentence why nothing of it takes requests. */
async function explain(api: LocalApi, route: Route): Promise<{ app: string; why: string }> {
  const { namespace, service: name } = route
  if (name === '') return { app: 'This app', why: 'Its route names no Service.' }
  const service = await api.get<Service>(Services, { namespace, name })
  if (service === null) {
    return { app: name, why: `The Service "${name}", to which requests of this address go, does not exist.` }
  }
  const app = service.metadata.labels?.['slipway.dev/app'] ?? name
  const { number, name: portName } = route.port
  const port = service.spec.ports?.find((each) =>
    portName === undefined ? each.port === number : each.name === portName,
  )
  if (port === undefined) return { app, why: `The Service "${name}" has no port ${portName ?? number}.` }
  const { selector } = service.spec
  if (selector === undefined) return { app, why: `The Service "${name}" has no endpoints.` }
  const { items } = await api.list<Pod>(Pods, { namespace, selector: { matchLabels: selector } })
  const pods = items.filter((pod) => !isFinished(pod))
  if (pods.length === 0) return { app, why: 'It has no instances: it is scaled to zero, or none could be made.' }
  const unready = pods.filter((pod) => !isReady(pod))
  const [first] = unready.sort((a, b) => Number(isTerminating(a)) - Number(isTerminating(b)))
  if (first === undefined) return { app, why: 'Its instances took no connection.' }
  return { app, why: `${unready.length} of ${pods.length} instances are not ready. ${whyNotReady(first)}` }
}

function whyNotReady(pod: Pod): string {
  const { name } = pod.metadata
  if (isTerminating(pod)) return `${name} is ending.`
  const { conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  const scheduled = conditions.find((condition) => condition.type === 'PodScheduled')
  if (scheduled?.status === 'False')
    return `${name} has no place to run: ${scheduled.message ?? scheduled.reason ?? ''}`
  const waiting = [...initContainerStatuses, ...containerStatuses].find(({ state }) => state.waiting !== undefined)
  if (waiting !== undefined) return `${name} waits: ${waitingText(waiting)}`
  const running = containerStatuses.find((status) => !status.ready && status.state.running !== undefined)
  if (running !== undefined) return `${name} runs but is not ready: ${running.name} has not passed its checks yet.`
  const ended = containerStatuses.find(({ state }) => state.terminated !== undefined)
  if (ended !== undefined) return `${name} ${endedText(ended, pod.spec.restartPolicy !== 'Never')}`
  return `${name} is starting.`
}

/** Between a crash and the next start the end itself is shown, and then for a moment CrashLoopBackOff. */
function endedText({ state, restartCount }: ContainerStatus, isRestarted: boolean): string {
  const { exitCode = 0, reason = '' } = state.terminated ?? {}
  const times = restartCount === 0 ? '' : `, after ${restartCount} ${restartCount === 1 ? 'restart' : 'restarts'}`
  return `ended with exit code ${exitCode} (${reason})${times}.${isRestarted ? ' It is started again in a while.' : ''}`
}

function waitingText({ state, lastState }: ContainerStatus): string {
  const { reason = '', message } = state.waiting ?? {}
  const ended = lastState.terminated
  const last = ended === undefined ? '' : ` Its last run ended with exit code ${ended.exitCode} (${ended.reason}).`
  return `${reason}${message === undefined ? '' : `: ${message}`}.${last}`
}
