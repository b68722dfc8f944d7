'use client'

import type { AppRef, WebhookView } from '@slipway/domain'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import type { ConnectDraft } from '#app-settings/connect-fields.tsx'
import { ConnectForm } from '#app-settings/connect-form.tsx'
import { WebhookDetails } from '#app-settings/webhook-details.tsx'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

/** The last step of connecting a repository: what the git host has to be told. */
export function AddWebhook({ appRef, webhook }: { appRef: AppRef; webhook: WebhookView }) {
  return (
    <Panel
      title={`${appRef.app} has been created and connected. Add its webhook`}
      about={`The git host then notifies Slipway of each push to ${webhook.branch}.`}
      footer="You can find this in the app’s settings later, with every delivery and its outcome."
    >
      <div className="flex flex-col gap-4">
        <WebhookDetails appRef={appRef} webhook={webhook} mayManage={false} />
        <div className="flex justify-end">
          <Button asChild variant="primary">
            <Link href={paths.app(appRef)}>Go to {appRef.app}</Link>
          </Button>
        </div>
      </div>
    </Panel>
  )
}

/** The app exists, its repository could not be connected: correct it here, or do it later. */
export function ConnectAgain({ appRef, initial, error }: { appRef: AppRef; initial: ConnectDraft; error: unknown }) {
  const router = useRouter()
  return (
    <Panel
      title={`${appRef.app} has been created. Its repository could not be connected`}
      about="Correct what is wrong and connect it now, or do it later in the app’s settings."
    >
      <div className="flex flex-col gap-4">
        <ProblemNotice error={error} />
        <ConnectForm
          appRef={appRef}
          initial={initial}
          onDone={() => router.push(paths.app(appRef, 'settings'))}
          onCancel={() => router.push(paths.app(appRef))}
          cancel="Do it later"
        />
      </div>
    </Panel>
  )
}
