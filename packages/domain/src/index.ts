export { BUILD_STATUSES, type BuildStatus, isBuildOver } from './build-status.ts'
export { DELIVERY_STATUSES, type DeliveryStatus, GIT_HOSTS, type GitHost } from './delivery-status.ts'
export { APP_ERROR_CODES, AppError, type AppErrorCode, type ErrorDetails, httpStatusOf, isAppError } from './errors.ts'
export { HEALTH_STATUSES, type Health, type HealthStatus, worseHealth } from './health.ts'
export {
  changePasswordInput,
  createFirstAccountInput,
  createTokenInput,
  displayNameSchema,
  emailSchema,
  passwordSchema,
  revokeTokenInput,
  verifyPasswordInput,
} from './inputs/account.ts'
export {
  addDomainInput,
  appListInput,
  applyConfigInput,
  appPageInput,
  commandLineSchema,
  connectSourceInput,
  createAppInput,
  deleteAppInput,
  deployImageInput,
  followBuildInput,
  followLogsInput,
  imageReferenceSchema,
  logsInput,
  removeDomainInput,
  revealConfigInput,
  scaleInput,
} from './inputs/app.ts'
export {
  acceptInvitationInput,
  auditListInput,
  createEnvironmentInput,
  createInvitationInput,
  createProjectInput,
  createTeamInput,
  deleteEnvironmentInput,
  deleteProjectInput,
  ENVIRONMENT_KINDS,
  type EnvironmentKind,
  invitationTokenInput,
  pageInput,
  removeMemberInput,
  revokeInvitationInput,
  setAllocationInput,
  setQuotaInput,
  setRoleInput,
  updateTeamInput,
} from './inputs/team.ts'
export {
  appPath,
  configKeySchema,
  hostnameSchema,
  newSlugSchema,
  RESERVED_CONFIG_KEYS,
  SLUG_MAX,
  slugify,
  slugSchema,
} from './names.ts'
export {
  DEFAULT_SIZE,
  GRACE_SECONDS,
  MAX_INSTANCES,
  PROCESS_KINDS,
  type ProcessDefinition,
  type ProcessKind,
  type ProcessScale,
  processDefinitionSchema,
  processScaleSchema,
  ROLLING_SURGE,
  reservedBy,
  surgeOf,
  WEB_PORT,
} from './process.ts'
export {
  addResources,
  describeShortages,
  formatAmount,
  NO_RESOURCES,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  resourceLimitsSchema,
  type Shortage,
  shortagesOf,
  timesResources,
  UNLIMITED,
} from './quota.ts'
export {
  type AppRef,
  appRefSchema,
  type BuildRef,
  buildRefSchema,
  type EnvironmentRef,
  environmentRefSchema,
  type ProjectRef,
  projectRefSchema,
  type ReleaseRef,
  releaseRefSchema,
  type TeamRef,
  teamRefSchema,
} from './refs.ts'
export {
  isRollingOut,
  RELEASE_KINDS,
  RELEASE_STATUSES,
  type ReleaseKind,
  type ReleaseStatus,
} from './release-status.ts'
export type { AppToRender, EnvironmentToRender, RenderedProcess } from './render.ts'
export { mayAssignRole, PERMISSIONS, type Permission, ROLES, type Role, roleAllows } from './roles.ts'
export type { AccountView, Capabilities, NewTokenView, SetupView, TokenView, VerifiedAccount } from './views/account.ts'
export type {
  AppSummary,
  AppView,
  BuildView,
  ConfigChange,
  ConfigVarView,
  DeliveryView,
  InstanceView,
  ProcessView,
  ReleaseView,
  WebhookView,
  WhyView,
} from './views/app.ts'
export type { BuildLogBatch, LogBatch, LogLine } from './views/live.ts'
export type {
  AuditEventView,
  InvitationOffer,
  InvitationView,
  MemberView,
  NewInvitationView,
  Page,
  ProjectSummary,
  ProjectView,
  QuotaView,
  TeamView,
  UsageView,
} from './views/team.ts'
