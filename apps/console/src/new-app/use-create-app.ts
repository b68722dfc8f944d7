'use client'

import { type AppRef, createAppInput, type WebhookView } from '@slipway/domain'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTRPC, useTRPCClient } from '#api/trpc.ts'
import { paths } from '#lib/paths.ts'
import { connectInputOf, createInputOf, type NewAppDraft } from './new-app-draft.ts'
import type { PartialPlace } from './place-fields.tsx'

/** What was made: the app, and its webhook or why there is none. */
export interface Created {
  ref: AppRef
  webhook: WebhookView | null
  connectError: unknown
}

/** Creates the app and, where that is asked for, connects its repository. Leads to the app's page unless a webhook has to be added first. */
export function useCreateApp() {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const router = useRouter()
  return useMutation({
    async mutationFn({ place, draft }: { place: PartialPlace; draft: NewAppDraft }): Promise<Created> {
      const app = await client.app.create.mutate(createAppInput.parse(createInputOf(place, draft)))
      const { ref } = app
      queryClient.setQueryData(trpc.app.get.queryKey(ref), app)
      if (draft.kind !== 'repository') return { ref, webhook: null, connectError: null }
      try {
        const webhook = await client.source.connect.mutate({ ...ref, ...connectInputOf(draft) })
        return { ref, webhook, connectError: null }
      } catch (connectError) {
        return { ref, webhook: null, connectError }
      }
    },
    onSuccess({ ref, webhook, connectError }) {
      if (webhook) queryClient.setQueryData(trpc.webhook.get.queryKey(ref), webhook)
      if (!webhook && !connectError) router.push(paths.app(ref))
    },
  })
}
