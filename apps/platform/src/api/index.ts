import { accountChangePassword } from './account/change-password.ts'
import { accountCreateResetLink } from './account/create-reset-link.ts'
import { accountEvents } from './account/events.ts'
import { accountGet } from './account/get.ts'
import { accountOperators } from './account/operators.ts'
import { adminAccounts } from './admin/accounts.ts'
import { adminAudit } from './admin/audit.ts'
import { adminBuilds } from './admin/builds.ts'
import { adminCancelBuild } from './admin/cancel-build.ts'
import { adminCluster } from './admin/cluster.ts'
import { adminHealth } from './admin/health.ts'
import { adminSetActive } from './admin/set-active.ts'
import { adminSetOperator } from './admin/set-operator.ts'
import { adminSetQuota } from './admin/set-quota.ts'
import { adminSettings } from './admin/settings.ts'
import { adminTeams } from './admin/teams.ts'
import { adminUpdateSettings } from './admin/update-settings.ts'
import { appConfigureProcess } from './app/configure-process.ts'
import { appCreate } from './app/create.ts'
import { appDelete } from './app/delete.ts'
import { appGet } from './app/get.ts'
import { appList } from './app/list.ts'
import { appRestart } from './app/restart.ts'
import { appScale } from './app/scale.ts'
import { appUpdateSettings } from './app/update-settings.ts'
import { auditList } from './audit/list.ts'
import { buildCancel } from './build/cancel.ts'
import { buildClearCache } from './build/clear-cache.ts'
import { buildGet } from './build/get.ts'
import { buildList } from './build/list.ts'
import { buildStart } from './build/start.ts'
import { configList } from './config/list.ts'
import { configReveal } from './config/reveal.ts'
import { configUpdate } from './config/update.ts'
import { deliveryList } from './delivery/list.ts'
import { deviceApprove } from './device/approve.ts'
import { deviceGet } from './device/get.ts'
import { devicePoll } from './device/poll.ts'
import { deviceRefuse } from './device/refuse.ts'
import { deviceStart } from './device/start.ts'
import { domainAdd } from './domain/add.ts'
import { domainCheck } from './domain/check.ts'
import { domainRemove } from './domain/remove.ts'
import { environmentCreate } from './environment/create.ts'
import { environmentDelete } from './environment/delete.ts'
import { execSend } from './exec/send.ts'
import { execStop } from './exec/stop.ts'
import { filterList } from './filter/list.ts'
import { filterRemove } from './filter/remove.ts'
import { filterSave } from './filter/save.ts'
import { invitationAccept } from './invitation/accept.ts'
import { invitationCreate } from './invitation/create.ts'
import { invitationGet } from './invitation/get.ts'
import { invitationList } from './invitation/list.ts'
import { invitationRevoke } from './invitation/revoke.ts'
import { liveApp } from './live/app.ts'
import { liveApps } from './live/apps.ts'
import { liveBuild } from './live/build.ts'
import { liveExec } from './live/exec.ts'
import { liveLogs } from './live/logs.ts'
import { liveRelease } from './live/release.ts'
import { liveRun } from './live/run.ts'
import { liveRunTerminal } from './live/run-terminal.ts'
import { logsGet } from './logs/get.ts'
import { memberLeave } from './member/leave.ts'
import { memberList } from './member/list.ts'
import { memberRemove } from './member/remove.ts'
import { memberSetRole } from './member/set-role.ts'
import { router } from './procedures.ts'
import { projectCreate } from './project/create.ts'
import { projectDelete } from './project/delete.ts'
import { projectGet } from './project/get.ts'
import { quotaAllocate } from './quota/allocate.ts'
import { quotaGet } from './quota/get.ts'
import { quotaSet } from './quota/set.ts'
import { registryList } from './registry/list.ts'
import { registryRemove } from './registry/remove.ts'
import { registrySet } from './registry/set.ts'
import { releaseCancel } from './release/cancel.ts'
import { releaseDeployImage } from './release/deploy-image.ts'
import { releaseDiff } from './release/diff.ts'
import { releaseGet } from './release/get.ts'
import { releaseList } from './release/list.ts'
import { releasePlanPromotion } from './release/plan-promotion.ts'
import { releasePromote } from './release/promote.ts'
import { releasePromoteToNew } from './release/promote-to-new.ts'
import { releaseRevealDiff } from './release/reveal-diff.ts'
import { releaseRollback } from './release/rollback.ts'
import { resetGet } from './reset/get.ts'
import { resetRequest } from './reset/request.ts'
import { resetUse } from './reset/use.ts'
import { runGet } from './run/get.ts'
import { runList } from './run/list.ts'
import { runSend } from './run/send.ts'
import { runStart } from './run/start.ts'
import { runStop } from './run/stop.ts'
import { scalingSetRules } from './scaling/set-rules.ts'
import { sessionEnd } from './session/end.ts'
import { sessionList } from './session/list.ts'
import { sessionLogin } from './session/login.ts'
import { sessionRevoke } from './session/revoke.ts'
import { sessionRevokeOthers } from './session/revoke-others.ts'
import { sessionVerifyPassword } from './session/verify-password.ts'
import { setupCreateFirstAccount } from './setup/create-first-account.ts'
import { setupStatus } from './setup/status.ts'
import { sourceConnect } from './source/connect.ts'
import { sourceDisconnect } from './source/disconnect.ts'
import { teamCreate } from './team/create.ts'
import { teamGet } from './team/get.ts'
import { teamUpdate } from './team/update.ts'
import { tokenCreate } from './token/create.ts'
import { tokenList } from './token/list.ts'
import { tokenRevoke } from './token/revoke.ts'
import { webhookGet } from './webhook/get.ts'
import { webhookRotateSecret } from './webhook/rotate-secret.ts'

/** Every procedure of the platform, as docs/architecture.md lists them. */
export const appRouter = router({
  setup: router({ status: setupStatus, createFirstAccount: setupCreateFirstAccount }),
  session: router({
    verifyPassword: sessionVerifyPassword,
    login: sessionLogin,
    list: sessionList,
    revoke: sessionRevoke,
    revokeOthers: sessionRevokeOthers,
    end: sessionEnd,
  }),
  account: router({
    get: accountGet,
    changePassword: accountChangePassword,
    operators: accountOperators,
    events: accountEvents,
    createResetLink: accountCreateResetLink,
  }),
  filter: router({ list: filterList, save: filterSave, remove: filterRemove }),
  reset: router({ get: resetGet, request: resetRequest, use: resetUse }),
  admin: router({
    accounts: adminAccounts,
    audit: adminAudit,
    builds: adminBuilds,
    cancelBuild: adminCancelBuild,
    cluster: adminCluster,
    health: adminHealth,
    setActive: adminSetActive,
    setOperator: adminSetOperator,
    setQuota: adminSetQuota,
    settings: adminSettings,
    teams: adminTeams,
    updateSettings: adminUpdateSettings,
  }),
  device: router({
    start: deviceStart,
    poll: devicePoll,
    get: deviceGet,
    approve: deviceApprove,
    refuse: deviceRefuse,
  }),
  token: router({ list: tokenList, create: tokenCreate, revoke: tokenRevoke }),
  team: router({ create: teamCreate, get: teamGet, update: teamUpdate }),
  member: router({ list: memberList, setRole: memberSetRole, remove: memberRemove, leave: memberLeave }),
  invitation: router({
    list: invitationList,
    create: invitationCreate,
    revoke: invitationRevoke,
    get: invitationGet,
    accept: invitationAccept,
  }),
  quota: router({ get: quotaGet, set: quotaSet, allocate: quotaAllocate }),
  audit: router({ list: auditList }),
  project: router({ get: projectGet, create: projectCreate, delete: projectDelete }),
  environment: router({ create: environmentCreate, delete: environmentDelete }),
  registry: router({ list: registryList, set: registrySet, remove: registryRemove }),
  app: router({
    list: appList,
    get: appGet,
    create: appCreate,
    delete: appDelete,
    scale: appScale,
    restart: appRestart,
    configureProcess: appConfigureProcess,
    updateSettings: appUpdateSettings,
  }),
  scaling: router({ setRules: scalingSetRules }),
  release: router({
    list: releaseList,
    get: releaseGet,
    diff: releaseDiff,
    revealDiff: releaseRevealDiff,
    deployImage: releaseDeployImage,
    planPromotion: releasePlanPromotion,
    promote: releasePromote,
    promoteToNew: releasePromoteToNew,
    rollback: releaseRollback,
    cancel: releaseCancel,
  }),
  build: router({
    list: buildList,
    get: buildGet,
    cancel: buildCancel,
    clearCache: buildClearCache,
    start: buildStart,
  }),
  run: router({ list: runList, get: runGet, start: runStart, send: runSend, stop: runStop }),
  exec: router({ send: execSend, stop: execStop }),
  config: router({ list: configList, reveal: configReveal, update: configUpdate }),
  domain: router({ add: domainAdd, check: domainCheck, remove: domainRemove }),
  source: router({ connect: sourceConnect, disconnect: sourceDisconnect }),
  webhook: router({ get: webhookGet, rotateSecret: webhookRotateSecret }),
  delivery: router({ list: deliveryList }),
  logs: router({ get: logsGet }),
  live: router({
    apps: liveApps,
    app: liveApp,
    logs: liveLogs,
    build: liveBuild,
    release: liveRelease,
    run: liveRun,
    runTerminal: liveRunTerminal,
    exec: liveExec,
  }),
})

/** What clients compile against; import it as a type only. */
export type AppRouter = typeof appRouter

export type { ApiContext, ApiDependencies } from './context.ts'
export { isDefect, refusalOf } from './errors.ts'
export { createApiLimits } from './limits.ts'
export type { ApiPorts } from './ports.ts'
export { createRequestContext } from './request.ts'
