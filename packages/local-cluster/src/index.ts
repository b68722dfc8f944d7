export {
  type LocalCluster,
  startLocalCluster,
} from './cluster.ts'
