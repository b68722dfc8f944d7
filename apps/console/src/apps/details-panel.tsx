'use client'

import { type AppView, isRouted } from '@slipway/domain'
import { ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { CopyButton } from '#ui/copy-button.tsx'
import { Panel } from '#ui/panel.tsx'
import { Time } from '#ui/time.tsx'

function Detail({ term, children, copy }: { term: string; children: ReactNode; copy?: string }) {
  return (
    <div className="flex min-w-0 items-start gap-2 px-4 py-2">
      <dt className="w-16 shrink-0 pt-0.5 text-ink-3 text-xs">{term}</dt>
      <dd className="flex min-w-0 flex-1 items-start gap-2 text-sm">
        <span className="min-w-0 flex-1 break-words">{children}</span>
        {copy && <CopyButton text={copy} what={term.toLowerCase()} className="-my-1" />}
      </dd>
    </div>
  )
}

/** Image references are long: name and the first characters of the digest. */
function shortImage(image: string): string {
  return image.replace(/@sha256:([a-f0-9]{12})[a-f0-9]*$/, '@$1…')
}

/** Addresses, source and image of an app. */
export function DetailsPanel({ app }: { app: AppView }) {
  const noWeb = app.processes.length > 0 && !app.processes.some(isRouted)
  return (
    <Panel title="Details" flush>
      <dl className="divide-y">
        {!noWeb &&
          app.domains.map((domain) => (
            <Detail key={domain.hostname} term="Address" copy={domain.url}>
              <a
                href={domain.url}
                target="_blank"
                rel="noreferrer"
                className="wrap-anywhere text-accent hover:underline"
              >
                {domain.url.replace(/^https?:\/\//, '')}
                <ExternalLink aria-hidden className="ml-1 inline size-3" />
              </a>
            </Detail>
          ))}
        {noWeb && <Detail term="Address">No web process; nothing answers at an address.</Detail>}
        {!noWeb && app.domains.length === 0 && <Detail term="Address">None: no ingress is configured.</Detail>}
        {app.sourceKind === 'git' && (
          <Detail term="Git" copy={app.gitUrl}>
            <span className="wrap-anywhere font-mono text-xs">{app.gitUrl}</span>
          </Detail>
        )}
        {app.source && (
          <Detail term="Repository">
            <span className="wrap-anywhere">{app.source.repositoryUrl}</span>{' '}
            <span className="text-ink-3">({app.source.branch})</span>
          </Detail>
        )}
        {app.image && (
          <Detail term="Image" copy={app.image}>
            <span className="wrap-anywhere font-mono text-xs" title={app.image}>
              {shortImage(app.image)}
            </span>
          </Detail>
        )}
        <Detail term="Created">
          <Time at={app.createdAt} />
        </Detail>
      </dl>
    </Panel>
  )
}
