import { ApiError } from '../../types/errors.ts'

/** 422 without a reason: the real server does not say which operation did not fit. */
export function unfit(): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}
