/** What became of a webhook delivery. */
export const DELIVERY_STATUSES = ['accepted', 'built', 'failed', 'ignored', 'rejected'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export const GIT_HOSTS = ['github', 'gitlab', 'gitea'] as const
export type GitHost = (typeof GIT_HOSTS)[number]
