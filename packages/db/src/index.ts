export {
  listAccountEvents,
  type NewAccountEvent,
  writeAccountEvent,
  writeFailedSignIn,
} from './account-events.ts'
export {
  createAccountIfNone,
  createFirstAccount,
  findAccountByEmail,
  getAccount,
  hasAccounts,
  type NewAccount,
  type SessionUser,
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
export { clearBuildCache, readSettings, type SettingsChange, updateSettings } from './app-settings.ts'
export { type AppStatus, writeAppStatus, writeRefusals } from './app-status.ts'
export { createApp, MAX_APPS, type NewApp, type ScaleChange, scaleApp } from './apps.ts'
export { type Actor, listAudit, type NewAuditEvent, recordAudit } from './audit.ts'
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
  type BuildEnd,
  type BuildResult,
  cancelBuild,
  completeBuild,
  endBuild,
  getBuild,
  listBuilds,
  startBuild,
} from './builds.ts'
export { type Config, listConfigVars, readBuildVars, revealConfigVar } from './config-vars.ts'
export { type Database, type DatabaseOptions, openDatabase } from './database.ts'
export {
  type Deletion,
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
  KEPT_DELIVERIES,
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
export { addDomain, type DomainChange, removeDomain } from './domains.ts'
export { type EnvironmentWithPlace, findEnvironment, observeEnvironment } from './environments.ts'
export { isDatabaseAway, orConflict, toAppError, violatedConstraint } from './errors.ts'
export type {
  AccountEvent,
  ApiToken,
  App,
  AuditEvent,
  Build,
  ConfigVar,
  Delivery,
  DeviceLogin,
  Environment,
  Invitation,
  OperatorEvent,
  Prisma,
  RegistryCredential,
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
  type InvitationWithTeam,
  listInvitations,
  revokeInvitation,
} from './invitations.ts'
export { appendLog, type LogOf, type LogOwner, logSize, readLog } from './log-chunks.ts'
export { migrate } from './migrate.ts'
export { type BuildBegun, createBuild, type NewBuild } from './new-build.ts'
export { CHANNELS, type Channel, type Listener, type ListenOptions, notify } from './notify.ts'
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
export type { PageOf, PageRequest } from './pages.ts'
export {
  createPasswordReset,
  getPasswordReset,
  type NewPasswordReset,
  type PasswordChange,
  resetPassword,
  setPassword,
} from './passwords.ts'
export { configureProcess } from './process-options.ts'
export { readProcesses, scalesOf } from './processes.ts'
export {
  createEnvironment,
  createProject,
  listEnvironments,
  type NewEnvironment,
  type NewProject,
} from './projects.ts'
export { type NewPromotion, planPromotion, promote, refusalOfPromotion } from './promotion.ts'
export { type EnvironmentUsage, getTeamUsage, type TeamUsage } from './quota.ts'
export { type Allocation, allocate, setTeamQuota } from './quota-changes.ts'
export {
  findEnvironmentId,
  listAcceptedDeliveryIds,
  listActiveBuildIds,
  listActiveRunIds,
  listEnvironmentIds,
  listScheduledAppIds,
} from './reconcile-ids.ts'
export { listRegistries, type NewRegistry, readPullCredentials, removeRegistry, setRegistry } from './registries.ts'
export { findBuildingApp, findEnvironmentApps, hasReleaseOf } from './registry-access.ts'
export {
  applyConfig,
  type ConfigEdit,
  cancelRelease,
  deployImage,
  type ImageDeploy,
  rollback,
} from './release-changes.ts'
export { findReleaseCommand, findReleaseCommands, isReleaseCommandBehind } from './release-commands.ts'
export { diffConfig, listSiblingIds, wantedAtRelease } from './release-diff.ts'
export {
  getRelease,
  listReleases,
  observeRelease,
  type ReleaseObservation,
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
  type NewRun,
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
  type SessionOrigin,
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
  type NewSource,
  rotateWebhookSecret,
} from './sources.ts'
export {
  createTeam,
  getTeam,
  listMembers,
  listTeamIds,
  type Member,
  type MemberChange,
  type ProjectWithEnvironments,
  removeMember,
  renameTeam,
  setMemberRole,
} from './teams.ts'
export {
  createToken,
  findTokenUser,
  listTokens,
  type NewToken,
  revokeToken,
  type TokenUse,
  type TokenUser,
  touchToken,
} from './tokens.ts'
export type { Transaction } from './transaction.ts'
export type {
  BuildRow,
  CommandRow,
  ReleaseRow,
  StoredObservation,
  WantedApp,
  WantedProcess,
  WantedRelease,
} from './wanted-app.ts'
export { readWantedApps } from './wanted-apps.ts'
