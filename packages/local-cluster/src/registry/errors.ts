/** Error codes of the OCI distribution specification and the HTTP status that goes with each. */
const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 413,
  UNAUTHORIZED: 401,
  UNSUPPORTED: 405,
  RANGE_INVALID: 416,
} as const
export type RegistryErrorCode = keyof typeof STATUS

/** A refusal of the registry. Reference: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export class RegistryError extends Error {
  override name = 'RegistryError'
  readonly code: RegistryErrorCode
  readonly status: number

  constructor(code: RegistryErrorCode, message: string) {
    super(message)
    this.code = code
    this.status = STATUS[code]
  }
}
