import { type AppToRender, isRouted, PROCESSES, type RenderedProcess } from '@slipway/domain'
import { processLabels, selectorLabels, withAppId } from './labels.ts'
import { workloadName } from './names.ts'
import { define, type KubeObject } from './object.ts'
import { RENDERERS } from './processes/index.ts'
import { type Placed, renderingsOf, servedOf, sharedOf, workloadsOf } from './rendering.ts'
import { renderRoute } from './route.ts'
import { releaseSecret } from './secret.ts'

/**
 * Lets nodes be drained one instance at a time, whichever track it is on: a pod that two budgets select cannot be evicted at all.
 * With one instance it would forbid draining altogether.
 */
function disruptionBudget({ app, process }: Placed): KubeObject[] {
  if (!PROCESSES[process.kind].isReplicated || process.instances < 2) return []
  const budget = define({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name: workloadName(app.app, process.name),
      namespace: app.namespace,
      labels: processLabels(app, process.name),
    },
    spec: {
      maxUnavailable: 1,
      selector: { matchLabels: selectorLabels(app.app, process.name) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  })
  return [budget]
}

/** The process that the app's hosts lead to: the one named web, or else the first that receives traffic. */
export function routedProcess<P extends Pick<RenderedProcess, 'name' | 'kind'>>(processes: readonly P[]): P | null {
  const routed = processes.filter(isRouted)
  return routed.find(({ name }) => name === 'web') ?? routed[0] ?? null
}

/**
 * Every object of an app, in the order in which they are to be applied: what pods need before the pods, what leads to them
 * after. With one track that is a rolling update; with two, both releases run and share the requests by their weights: an
 * HTTPRoute weighs them, behind an Ingress they are shared by the number of instances. Pure: the same input gives the same output,
 * and the same Secret name always the same content.
 */
export function renderApp(app: AppToRender): KubeObject[] {
  const renderings = renderingsOf(app)
  const routed = renderings.map((each) => ({ app: each, process: routedProcess(each.processes) }))
  const objects = [
    ...renderings.map(releaseSecret),
    ...servedOf(renderings).flatMap((each) => RENDERERS[each.process.kind].services(each.app, each.process)),
    ...workloadsOf(renderings).flatMap((each) => RENDERERS[each.process.kind].workload(each.app, each.process) ?? []),
    ...sharedOf(renderings).flatMap(disruptionBudget),
    ...renderRoute(app, routed),
  ]
  return withAppId(objects, app.appId)
}
