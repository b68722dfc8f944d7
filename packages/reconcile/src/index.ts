export {
  type Controller,
  type ControllerStats,
  createController,
  type Reconcile,
  type ReconcileResult,
} from './controller.ts'

export {
  createWorkqueue,
  type WorkObserver,
} from './workqueue.ts'
