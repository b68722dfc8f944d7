export {
  listAccountEvents,
  writeFailedSignIn,
} from './account-events.ts'
export {
  createAccountIfNone,
  createFirstAccount,
  findAccountByEmail,
  getAccount,
  hasAccounts,
} from './accounts.ts'
export {
  type ActiveBuild,
  type AdminTeam,
  cancelBuildAsOperator,
  countActiveBuilds,
  findTeam,
  listActiveBuilds,
  listTeams,
  sumQuotas,
} from './admin-lists.ts'
export { clearBuildCache, updateSettings } from './app-settings.ts'
export { writeAppStatus, writeRefusals } from './app-status.ts'
export { createApp, scaleApp } from './apps.ts'
export { listAudit, recordAudit } from './audit.ts'
export {
  type BuildWithPlace,
  findActivePush,
  findBuild,
  findBuildEnd,
  listBuildStatuses,
  writeBuildPlan,
} from './build-rows.ts'
export { countBuildingTeams, countRunningBuilds, listQueuedBuilds } from './build-slots.ts'
export {
  cancelBuild,
  completeBuild,
  endBuild,
  getBuild,
  listBuilds,
  startBuild,
} from './builds.ts'
export { listConfigVars, readBuildVars, revealConfigVar } from './config-vars.ts'
export { type Database, openDatabase } from './database.ts'
export {
  deleteApp,
  deleteEnvironment,
  deleteProject,
  removeDeletedApp,
  removeDeletedEnvironment,
} from './deletion.ts'
export {
  findDelivery,
  finishDelivery,
  forgetOldDeliveries,
  type NewDelivery,
  storeDelivery,
} from './deliveries.ts'
export {
  createDeviceLogin,
  decideDeviceLogin,
  findDeviceLogin,
  pollDeviceLogin,
} from './device-logins.ts'
export { acceptClaim, getClaim, noteUnproven } from './domain-claims.ts'
export { addDomain, removeDomain } from './domains.ts'
export { type EnvironmentWithPlace, findEnvironment, observeEnvironment } from './environments.ts'
export { isDatabaseAway, toAppError } from './errors.ts'
export type {
  AccountEvent,
  AuditEvent,
  Build,
  Delivery,
  Invitation,
  Release,
  Run,
  Session,
  User,
} from './generated/client.ts'
export { type InstallationId, resolveInstallation } from './installations.ts'
export {
  acceptInvitation,
  createInvitation,
  getInvitation,
  listInvitations,
  revokeInvitation,
} from './invitations.ts'
export { appendLog, type LogOf, type LogOwner, logSize, readLog } from './log-chunks.ts'
export { migrate } from './migrate.ts'
export { createBuild } from './new-build.ts'
export { CHANNELS, type Channel, type Listener } from './notify.ts'
export {
  type AccountRow,
  listAccounts,
  listOperatorEvents,
  listOperatorNames,
  readInstallationSettings,
  setActive,
  setInstallationSettings,
  setOperator,
  writeOperatorEvent,
} from './operators.ts'

export {
  createPasswordReset,
  getPasswordReset,
  resetPassword,
  setPassword,
} from './passwords.ts'
export { configureProcess } from './process-options.ts'
export { readProcesses } from './processes.ts'
export {
  createEnvironment,
  createProject,
  listEnvironments,
} from './projects.ts'
export { planPromotion, promote, refusalOfPromotion } from './promotion.ts'
export { getTeamUsage } from './quota.ts'
export { allocate, setTeamQuota } from './quota-changes.ts'
export {
  findEnvironmentId,
  listAcceptedDeliveryIds,
  listActiveBuildIds,
  listActiveRunIds,
  listEnvironmentIds,
  listScheduledAppIds,
} from './reconcile-ids.ts'
export { listRegistries, readPullCredentials, removeRegistry, setRegistry } from './registries.ts'
export { findBuildingApp, findEnvironmentApps, hasReleaseOf } from './registry-access.ts'
export {
  applyConfig,
  cancelRelease,
  deployImage,
  rollback,
} from './release-changes.ts'
export { findReleaseCommand, findReleaseCommands, isReleaseCommandBehind } from './release-commands.ts'
export { diffConfig, listSiblingIds, wantedAtRelease } from './release-diff.ts'
export {
  getRelease,
  listReleases,
  observeRelease,
  readReleaseEnvironment,
} from './releases.ts'
export { findLiveCommit, listAppIds, listKeptBuilds, readDeployBranch } from './repository-commits.ts'
export { finishInstanceRestarts, restartApp, restartInstance } from './restart.ts'
export { findRun, isRunOver, markRunStarted, type RunWithPlace } from './run-rows.ts'
export {
  activeReleasesOfRuns,
  cutRun,
  endRun,
  getRun,
  listRuns,
  noteRunActivity,
  readCommand,
  readMode,
  shownCommand,
  startRun,
  stopRun,
} from './runs.ts'
export { deleteFilter, listSavedFilters, saveFilter } from './saved-filters.ts'
export {
  applyScaleRule,
  dueRule,
  noteScaleProblem,
  readScheduled,
  type ScheduledProcess,
  setScaleRules,
} from './scale-rules.ts'
export { findPlace, type Place, type PlaceRef } from './scope.ts'
export {
  confirmSession,
  createSession,
  endSession,
  findSession,
  listSessions,
  readAuthenticatedAt,
  revokeOtherSessions,
  revokeSession,
  type SessionLifetime,
  touchSession,
} from './sessions.ts'
export {
  addressOf,
  type ConnectedSource,
  connectSource,
  type DeliveryWithBuild,
  disconnectSource,
  findSource,
  findSourceByHook,
  listDeliveries,
  moveAddressCredentials,
  rotateWebhookSecret,
} from './sources.ts'
export {
  createTeam,
  getTeam,
  listMembers,
  listTeamIds,
  removeMember,
  renameTeam,
  setMemberRole,
} from './teams.ts'
export {
  createToken,
  findTokenUser,
  listTokens,
  revokeToken,
  touchToken,
} from './tokens.ts'

export type {
  BuildRow,
  CommandRow,
  ReleaseRow,
  StoredObservation,
  WantedApp,
  WantedRelease,
} from './wanted-app.ts'
export { readWantedApps } from './wanted-apps.ts'
