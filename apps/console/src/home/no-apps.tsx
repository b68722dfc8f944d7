'use client'

import { Box, Plus } from 'lucide-react'
import Link from 'next/link'
import { paths } from '#lib/paths.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { EmptyState } from '#ui/empty-state.tsx'
import { Panel } from '#ui/panel.tsx'

/** The way to a first or another app. */
export function NewAppButton() {
  return (
    <Button asChild variant="primary">
      <Link href={paths.newApp()}>
        <Plus aria-hidden />
        New app
      </Link>
    </Button>
  )
}

/** In place of the list while there is nothing in it. */
export function NoApps({ mayCreate }: { mayCreate: boolean }) {
  if (!mayCreate) {
    return (
      <Panel>
        <EmptyState icon={Box} title="No apps yet">
          Your teams have none, and your roles there do not create any. Apps that your colleagues create show here.
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel>
      <EmptyState
        icon={Box}
        title="No apps yet"
        action={<NewAppButton />}
        command={
          <CodeBlock shell code="slipway apps create my-app --team my-team --project my-project" what="command" />
        }
      >
        An app is one thing that runs: push its code with git, or name an image. It gets an address, logs, and a rollout
        without downtime.
      </EmptyState>
    </Panel>
  )
}
