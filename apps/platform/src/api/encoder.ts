import type { Encoder } from '@trpc/server/adapters/ws'
import { sharedJsonOf } from '../apps/shared-json.ts'

interface Message {
  result?: { type?: string; data?: unknown }
}

/** JSON, in which data that many subscribers get stands as it was written once. */
export const socketEncoder: Encoder = {
  encode(message: unknown) {
    const { result, ...rest } = message as Message
    const text = sharedJsonOf(result?.data)
    if (result === undefined || text === null) return JSON.stringify(message)
    const { data: _, ...about } = result
    const head = JSON.stringify({ ...rest, result: { ...about, type: about.type ?? 'data' } })
    return `${head.slice(0, -2)},"data":${text}}}`
  },
  decode(data) {
    if (typeof data !== 'string') throw new TypeError('Messages are JSON, in text frames.')
    return JSON.parse(data)
  },
}
