import { expect } from 'vitest'

/** Sends a request to a running cluster as its administrator; answers the body, and expects success. */
export async function requestOf(
  cluster: { registryUrl: string; token: string },
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const response = await fetch(`${cluster.registryUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect(response.ok, text).toBe(true)
  return text
}
