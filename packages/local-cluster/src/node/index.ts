/**
 * The node agent. A pod that is bound to the node is a key: its reconcile compares what the pod asks for with the processes that
 * run, starts, probes, restarts and ends them, and writes the status. An exit, a probe, a timer or a changed volume enqueues it
 * again. Safety net: containers outlive this process, each under a shim, and the next one adopts them; what is left of pods that
 * are gone is swept at the start.
 */
export { startNode } from './agent.ts'
export type { NodeAgent, NodeOptions, NodeStats } from './options.ts'
