export { startNode } from './agent.ts'
export type { NodeAgent, NodeOptions, NodeStats } from './options.ts'
