export { startNode } from './agent.ts'
export type {
  ImageConfig,
  NodeAgent,
  NodeImages,
  NodeLog,
  NodeOptions,
  NodeStats,
  RunnableImage,
} from './options.ts'
