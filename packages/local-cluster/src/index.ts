export {
  type ClusterLog,
  type LocalCluster,
  type LocalClusterOptions,
  type LocalClusterStats,
  startLocalCluster,
} from './cluster.ts'
export { StateDirectoryError } from './store/database.ts'
