'use client'

import { useSyncExternalStore } from 'react'
import { CodeBlock } from '#ui/code-block.tsx'
import { Panel } from '#ui/panel.tsx'

const never = () => () => undefined

/** How to get the command line: from this installation, never from elsewhere under a name that anybody may take. */
export function CliPanel() {
  const origin = useSyncExternalStore(
    never,
    () => location.origin,
    () => '',
  )
  return (
    <Panel title="Command line" about="Everything here also works from a terminal. Needs Node 22 or newer.">
      <CodeBlock shell code={`curl -fsSL ${origin}/cli | sh\nslipway login --url ${origin}`} what="commands" />
    </Panel>
  )
}
