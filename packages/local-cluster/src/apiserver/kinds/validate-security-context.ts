import type { FieldError } from '../../types/errors.ts'
import { numberOf, objectList, optionalObject, stringList, stringOf } from '../../types/json.ts'
import type { Json, JsonObject } from '../../types/objects.ts'
import { invalidText, invalidValue, notSupported, required } from '../validation/fields.ts'

const largestId = 2_147_483_647
const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const procMounts = ['Default', 'Unmasked']
const ownershipPolicies = ['Always', 'OnRootMismatch']
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

function validateId(id: Json, field: string): FieldError[] {
  if (typeof id !== 'number' || (id >= 0 && id <= largestId)) return []
  return [invalidValue(field, id, `must be between 0 and ${largestId}, inclusive`)]
}

function validateProfile(profile: JsonObject | null, field: string, what: string): FieldError[] {
  if (profile === null) return []
  const type = stringOf(profile, 'type')
  if (type === '') return [required(`${field}.type`, `type is required when ${what}Profile is set`)]
  if (!profileTypes.includes(type)) return [notSupported(`${field}.type`, type, profileTypes)]
  if (type === 'Localhost' && stringOf(profile, 'localhostProfile') === '') {
    const kind = what === 'seccomp' ? 'seccomp' : 'AppArmor'
    return [required(`${field}.localhostProfile`, `must be set when ${kind} type is Localhost`)]
  }
  return []
}

/** A security context as Go prints its struct inside an error. */
function goText(context: JsonObject): string {
  const capabilities = optionalObject(context, 'capabilities')
  const at = (key: string) => context[key] ?? null
  return JSON.stringify({
    Capabilities: capabilities === null ? null : { Add: capabilities.add ?? null, Drop: capabilities.drop ?? null },
    Privileged: at('privileged'),
    SELinuxOptions: at('seLinuxOptions'),
    WindowsOptions: at('windowsOptions'),
    RunAsUser: at('runAsUser'),
    RunAsGroup: at('runAsGroup'),
    RunAsNonRoot: at('runAsNonRoot'),
    ReadOnlyRootFilesystem: at('readOnlyRootFilesystem'),
    AllowPrivilegeEscalation: at('allowPrivilegeEscalation'),
    ProcMount: at('procMount'),
    SeccompProfile: at('seccompProfile'),
    AppArmorProfile: at('appArmorProfile'),
  })
}

/** A container's. Reference: pkg/apis/core/validation.ValidateSecurityContext. */
export function validateSecurityContext(context: JsonObject | null, field: string, hostUsers: boolean): FieldError[] {
  if (context === null) return []
  const errors = ['runAsUser', 'runAsGroup'].flatMap((key) => validateId(context[key], `${field}.${key}`))
  const procMount = stringOf(context, 'procMount')
  if (context.procMount !== undefined && !procMounts.includes(procMount)) {
    errors.push(notSupported(`${field}.procMount`, procMount, procMounts))
  }
  if (procMount === 'Unmasked' && hostUsers) {
    errors.push(invalidValue(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
  }
  errors.push(...validateProfile(optionalObject(context, 'seccompProfile'), `${field}.seccompProfile`, 'seccomp'))
  if (context.allowPrivilegeEscalation === false) {
    const clash = 'cannot set `allowPrivilegeEscalation` to false and'
    if (context.privileged === true) errors.push(invalidText(field, goText(context), `${clash} \`privileged\` to true`))
    if (stringList(optionalObject(context, 'capabilities'), 'add').includes('CAP_SYS_ADMIN')) {
      errors.push(invalidText(field, goText(context), `${clash} \`capabilities.Add\` CAP_SYS_ADMIN`))
    }
  }
  errors.push(...validateProfile(optionalObject(context, 'appArmorProfile'), `${field}.appArmorProfile`, 'appArmor'))
  return errors
}

/** A pod's. Reference: pkg/apis/core/validation.validatePodSpecSecurityContext. */
export function validatePodSecurityContext(spec: JsonObject, field: string): FieldError[] {
  const context = optionalObject(spec, 'securityContext')
  const errors = context === null ? [] : validateIds(context, `${field}.securityContext`)
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalidValue(`${field}.securityContext.shareProcessNamespace`, true, why))
  }
  if (context === null) return errors
  const at = `${field}.securityContext`
  for (const [index, sysctl] of objectList(context, 'sysctls').entries()) {
    const name = stringOf(sysctl, 'name')
    if (name === '') errors.push(required(`${at}.sysctls[${index}].name`))
    else if (name.length > 253 || !sysctlName.test(name)) {
      const why =
        'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
      errors.push(invalidValue(`${at}.sysctls[${index}].name`, name, why))
    }
  }
  const policy = stringOf(context, 'fsGroupChangePolicy')
  if (policy !== '' && !ownershipPolicies.includes(policy)) {
    errors.push(notSupported(`${at}.fsGroupChangePolicy`, policy, ownershipPolicies))
  }
  errors.push(...validateProfile(optionalObject(context, 'seccompProfile'), `${at}.seccompProfile`, 'seccomp'))
  errors.push(...validateProfile(optionalObject(context, 'appArmorProfile'), `${at}.appArmorProfile`, 'appArmor'))
  return errors
}

function validateIds(context: JsonObject, field: string): FieldError[] {
  const errors = ['fsGroup', 'runAsUser', 'runAsGroup'].flatMap((key) => validateId(context[key], `${field}.${key}`))
  const groups = Array.isArray(context.supplementalGroups) ? context.supplementalGroups : []
  for (const [index, group] of groups.entries()) {
    errors.push(...validateId(group, `${field}.supplementalGroups[${index}]`))
  }
  return errors
}

/** The grace period that a pod's hooks must fit in, in seconds. */
export function gracePeriodOf(spec: JsonObject): number {
  return numberOf(spec, 'terminationGracePeriodSeconds') ?? 30
}
