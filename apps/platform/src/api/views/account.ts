import type { AccountEvent, Session } from '@slipway/db'
import { ACCOUNT_ACTIONS, type AccountEventView, type SessionView } from '@slipway/domain'
import { z } from 'zod'

const actionSchema = z.enum(ACCOUNT_ACTIONS)

/** `current` is the id of the session that asks. */
export function sessionView(session: Session, current: string): SessionView {
  const { id, device, address, createdAt, lastUsedAt } = session
  return {
    ...{ id, device, address },
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    current: id === current,
  }
}

export function accountEventView({ id, at, action, summary, address, count }: AccountEvent): AccountEventView {
  return { id, at: at.toISOString(), action: actionSchema.parse(action), summary, address, count }
}
