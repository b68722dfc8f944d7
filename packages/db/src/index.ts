export {
  createAccountIfNone,
  createFirstAccount,
  findAccountByEmail,
  findSessionUser,
  getAccount,
  hasAccounts,
  type NewAccount,
  type SessionUser,
  setPassword,
} from './accounts.ts'
export {
  type AppDetailRow,
  type AppFilter,
  type AppSummaryRow,
  getAppRow,
  listAppRows,
  listEnvironments,
  listProjectAppRows,
} from './app-rows.ts'
export { clearBuildCache, readSettings, type SettingsChange, updateSettings } from './app-settings.ts'
export { createApp, MAX_APPS, type NewApp, type ScaleChange, scaleApp } from './apps.ts'
export { type Actor, listAudit, type NewAuditEvent, writeAudit } from './audit.ts'
export { appendBuildLog, buildLogSize, readBuildLog } from './build-logs.ts'
export {
  type BuildEnd,
  type BuildResult,
  cancelBuild,
  completeBuild,
  endBuild,
  getBuild,
  isNativeBuild,
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
export { finishDelivery, KEPT_DELIVERIES, type NewDelivery, storeDelivery } from './deliveries.ts'
export { isDatabaseAway, orConflict, toAppError, violatedConstraint } from './errors.ts'
export type {
  App,
  AuditEvent,
  Build,
  ConfigVar,
  Delivery,
  Environment,
  Invitation,
  Prisma,
  RegistryCredential,
  Release,
  User,
} from './generated/client.ts'
export { addDomain, type DomainChange, removeDomain } from './hosts.ts'
export { type InstallationId, resolveInstallation } from './installations.ts'
export {
  acceptInvitation,
  createInvitation,
  getInvitation,
  type InvitationWithTeam,
  listInvitations,
  revokeInvitation,
} from './invitations.ts'
export { migrate } from './migrate.ts'
export { type BuildBegun, createBuild, type NewBuild } from './new-build.ts'
export { CHANNELS, type Channel, type Listener, type ListenOptions, notify } from './notify.ts'
export type { PageOf, PageRequest } from './pages.ts'
export { readProcesses, scaleOf, scalesOf } from './processes.ts'
export {
  createEnvironment,
  createProject,
  type NewEnvironment,
  type NewProject,
} from './projects.ts'
export { committedOf, type EnvironmentUsage, readTeamUsage, type TeamUsage } from './quota.ts'
export { type Allocation, allocate, setTeamQuota } from './quota-changes.ts'
export { listRegistries, type NewRegistry, readPullCredentials, removeRegistry, setRegistry } from './registries.ts'
export {
  applyConfig,
  type ConfigEdit,
  cancelRelease,
  deployImage,
  type ImageDeploy,
  rollback,
} from './release-changes.ts'
export {
  getRelease,
  listReleases,
  observeRelease,
  type ReleaseObservation,
  readReleaseEnvironment,
} from './releases.ts'
export {
  type ConnectedSource,
  connectSource,
  type DeliveryWithBuild,
  disconnectSource,
  findSource,
  findSourceByHook,
  listDeliveries,
  type NewSource,
  rotateWebhookSecret,
} from './sources.ts'
export {
  createTeam,
  getTeam,
  listMembers,
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
  type TokenUser,
  touchToken,
} from './tokens.ts'
export type { Transaction } from './transaction.ts'
