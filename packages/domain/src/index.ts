export { ACCOUNT_ACTIONS, type AccountAction, isFailedSignIn } from './account-actions.ts'
export { decodeBase64 } from './base64.ts'
export { MAX_BATCH_CALLS } from './batch.ts'
export {
  BUILD_STRATEGIES,
  BUILDERS,
  type Builder,
  type BuildSettings,
  type BuildSettingsPatch,
  type BuildStrategy,
  buildSettingsSchema,
  buildVarPatternSchema,
  effectiveSettings,
  isBuildVar,
  type SlipwayFile,
  slipwayFileSchema,
} from './build-settings.ts'
export { type BuildStatus, isBuildOver } from './build-status.ts'

export type { DeliveryStatus, GitHost } from './delivery-status.ts'
export { DEVICE_CODE_ALPHABET, DEVICE_CODE_LENGTH, formatDeviceCode } from './device-code.ts'
export { DISK_FULL, diskFullError } from './disk-full.ts'
export { formatEnvFile, parseEnvFile } from './env-file.ts'
export { APP_ERROR_CODES, AppError, type AppErrorCode, type ErrorDetails, httpStatusOf, isAppError } from './errors.ts'
export type { Health } from './health.ts'
export { HEALTH_STATUSES, type HealthStatus } from './health-status.ts'
export { hostnameProblem, type OwnNames, proofName, proofValue } from './hostnames.ts'
export { fieldLabel } from './input-words.ts'
export {
  approveDeviceLoginInput,
  changePasswordInput,
  createFirstAccountInput,
  createResetLinkInput,
  createTokenInput,
  deviceCodeInput,
  displayNameSchema,
  emailSchema,
  passwordSchema,
  pollDeviceLoginInput,
  refuseDeviceLoginInput,
  requestResetInput,
  resetPasswordInput,
  resetTokenInput,
  revokeSessionInput,
  revokeTokenInput,
  startDeviceLoginInput,
  verifyPasswordInput,
} from './inputs/account.ts'
export {
  adminListInput,
  adminQuotaInput,
  installationSettingsInput,
  setActiveInput,
  setOperatorInput,
  TEAM_CREATION,
  type TeamCreation,
} from './inputs/admin.ts'
export {
  addDomainInput,
  appListInput,
  applyConfigInput,
  appPageInput,
  checkDomainInput,
  configureProcessInput,
  connectSourceInput,
  createAppInput,
  deleteAppInput,
  deployImageInput,
  followBuildInput,
  followLogsInput,
  followReleaseInput,
  logsInput,
  promoteInput,
  releaseDiffInput,
  removeDomainInput,
  restartInput,
  revealConfigInput,
  scaleInput,
  setScaleRulesInput,
  updateSettingsInput,
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
  removeRegistryInput,
  revokeInvitationInput,
  setAllocationInput,
  setQuotaInput,
  setRegistryInput,
  setRoleInput,
  updateTeamInput,
} from './inputs/team.ts'
export {
  execInput,
  followExecInput,
  followRunInput,
  followRunTerminalInput,
  goesOverSocket,
  runInput,
  sendToExecInput,
  sendToRunInput,
  startRunInput,
  type TerminalSize,
} from './inputs/terminal.ts'
export {
  appPath,
  configKeySchema,
  RESERVED_CONFIG_KEYS,
  SLUG_MAX,
  slugify,
  slugSchema,
} from './names.ts'
export {
  firstScaleOf,
  isResized,
  neededForRelease,
  neededForScale,
  scaleOf,
} from './needs.ts'
export { plainLine, plainText } from './plain-text.ts'
export { type Foreseen, foresee, type PlannedChange, planRelease, planScale } from './preflight.ts'
export {
  DEFAULT_SIZE,
  type ProcessDefinition,
  type ProcessScale,
  processDefinitionSchema,
  RELEASE_TIMEOUT_SECONDS,
  RUN_TIMEOUT_SECONDS,
  reservedBy,
  SCALE_BOUNDS,
  START_TIMEOUT_SECONDS,
  surgeOf,
  WEB_PORT,
} from './process.ts'
export { processDifferences } from './process-differences.ts'
export {
  MAX_PROCESSES,
  type ProcessesFile,
  type ProcessFile,
  processFileSchema,
  sizeInFile,
  withProcessesFile,
} from './process-file.ts'
export {
  defaultKindOf,
  endsByItself,
  isReplicated,
  isRouted,
  PROCESS_KINDS,
  PROCESSES,
  type ProcessKind,
  surgeInstances,
} from './process-kind.ts'
export {
  DRAIN_SECONDS,
  describeHealthCheck,
  describeOption,
  GRACE_SECONDS,
  HEALTH_CHECK_TIMINGS,
  type HealthCheck,
  OPTION_KEYS,
  type OptionKey,
  optionsIn,
  optionsProblem,
  type ProcessOptions,
  type ProcessOptionsPatch,
  processOptionsPatchSchema,
  processOptionsSchema,
} from './process-options.ts'
export { cpuQuantity, memoryQuantity, parseCpuMillis, parseMemoryMiB, parseQuantity } from './quantity.ts'
export {
  addResources,
  describeShortages,
  formatAmount,
  NO_RESOURCES,
  RESOURCE_KEYS,
  type ResourceLimits,
  type Resources,
  type Shortage,
  UNLIMITED,
} from './quota.ts'
export {
  type AppRef,
  appRefSchema,
  buildRefSchema,
  type EnvironmentRef,
  environmentRefSchema,
  type ProjectRef,
  projectRefSchema,
  releaseRefSchema,
  type TeamRef,
  teamRefSchema,
} from './refs.ts'
export {
  isReleaseCommandActive,
  type ReleaseCommandStatus,
  releaseCommandFailure,
  releaseCommandStatus,
  releaseCommandWord,
} from './release-command.ts'
export {
  isCancellable,
  isObservable,
  type ObservedStatus,
  releaseStatusAfter,
  rolloutOfRelease,
} from './release-rollout.ts'
export {
  fallbackOf,
  isRollingOut,
  type ReleaseKind,
  type ReleaseStatus,
  ROLLING_OUT_STATUSES,
  SURGING_STATUSES,
} from './release-status.ts'
export type {
  AppToRender,
  EgressNetworks,
  EnvironmentToRender,
  PodSecurityLevel,
  PullCredential,
  ReleaseCommandToRender,
  RenderedProcess,
  Route,
  RunToRender,
  TrackToRender,
} from './render.ts'
export { type Repair, repairCommand, repairLabel, repairSchema, repairsFor } from './repair.ts'
export { type RepositoryCredentials, splitRepositoryAddress } from './repository-address.ts'
export { mayAssignRole, PERMISSIONS, type Permission, ROLES, type Role, roleAllows } from './roles.ts'
export { type TrackFacts, tracksOf } from './rollout-state.ts'
export { RUN_MODES, type RunMode, TERMINAL_IDLE_MINUTES } from './run-mode.ts'
export { MAX_SAVED_FILTERS, removeFilterInput, type SavedFilter, savedFilterSchema } from './saved-filter.ts'
export {
  MAX_SCALE_RULES,
  nextRule,
  type RuleAt,
  ruleInForce,
  ruleTime,
  type ScaleRule,
  scaleRuleSchema,
  scalingSentence,
} from './scale-rules.ts'
export {
  BUILDER_HINTS,
  BUILDER_LABELS,
  describeProcessFile,
  describeSetting,
  describeSlipwayFile,
  SETTING_LABELS,
  type SettingKey,
  settingsOfBuilder,
} from './settings-words.ts'
export { describeSize, SIZE_NAMES, SIZES, type Size, type SizeName, sizeNameOf } from './sizes.ts'
export {
  allocationShortages,
  type BoundShortage,
  describeRefusal,
  describeTooLow,
  type EnvironmentLoad,
  type RefusalPlace,
  shortagesIn,
  standingsOf,
  takenOf,
} from './standing.ts'
export { RUN_STATES, type RunState, stateOf, stateStatus, stateWord } from './state.ts'
export { buildWord, readyWords, releaseWord } from './status-words.ts'
export { createTerminalSender } from './terminal-sender.ts'
export { scopeAllows, scopeFor, TOKEN_SCOPES, type TokenScope } from './token-scopes.ts'
export type { TrackName } from './tracks.ts'
export {
  type AccountEventView,
  type AccountView,
  type Capabilities,
  type DeviceLoginAnswer,
  type DeviceLoginStarted,
  type DeviceLoginView,
  ISOLATIONS,
  type Isolation,
  type NewTokenView,
  type ResetLinkView,
  type SessionView,
  type SetupView,
  type SignedIn,
  type TokenView,
} from './views/account.ts'
export type {
  AdminAccountView,
  AdminBuildView,
  AdminTeamView,
  ClusterCapacityView,
  InstallationHealthView,
  InstallationSettingsView,
  NodeView,
  OperatorEventView,
  PartView,
  QueueView,
} from './views/admin.ts'
export type {
  AppSummary,
  AppView,
  BuildView,
  ConfigChange,
  ConfigVarView,
  DeliveryView,
  DomainProof,
  DomainView,
  InstanceView,
  ProcessView,
  ReleaseCommandView,
  ReleaseView,
  RunView,
  WebhookView,
  WhyView,
} from './views/app.ts'
export { type AppListChange, applyAppListChange } from './views/app-list.ts'
export type { CertificateState, CertificateView } from './views/certificate.ts'
export type {
  BuildLogBatch,
  LogBatch,
  LogLine,
  ReleaseLogBatch,
  RunLogBatch,
  TerminalBatch,
  TerminalEnd,
} from './views/live.ts'
export type { PromotedView, PromotionPlanView } from './views/promotion.ts'
export type {
  CommitsBetween,
  CommitView,
  ConfigDifference,
  ConfigValues,
  ManifestDifference,
  ProcessDifference,
  ReleaseDiffView,
} from './views/release-diff.ts'
export type {
  AuditEventView,
  CapacityView,
  EnvironmentStandingView,
  InvitationOffer,
  InvitationView,
  Measured,
  MemberView,
  NewInvitationView,
  Page,
  ProjectSummary,
  ProjectView,
  QuotaView,
  RegistryView,
  StandingView,
  TeamView,
} from './views/team.ts'
