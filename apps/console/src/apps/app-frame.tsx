'use client'

import type { AppRef } from '@slipway/domain'
import { ExternalLink } from 'lucide-react'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from '#lib/paths.ts'
import { Badge } from '#ui/badge.tsx'
import { Button } from '#ui/button.tsx'
import { EnvironmentTag } from '#ui/environment-tag.tsx'
import { Notice } from '#ui/notice.tsx'
import { AppHealthMark } from '#ui/status.tsx'
import { TabBar } from '#ui/tab-bar.tsx'
import { DeployImageButton } from './deploy-image-button.tsx'
import { useApp, useLiveApp } from './use-app.ts'

/** Tells of what a stream cannot mend by itself: the app is gone, or one may not see it any more. */
function StreamNotice({ appRef }: { appRef: AppRef }) {
  const problem = useLiveApp(appRef)
  if (!problem || problem.code === 'unavailable' || problem.code === 'internal') return null
  const gone = problem.code === 'not_found'
  return (
    <Notice tone="warning" className="mt-4" live title={gone ? 'This app is gone' : 'This page is not updating'}>
      {gone ? 'It has been deleted, or you have left its team. What you see is its last known state.' : problem.message}
    </Notice>
  )
}

/** Title, address and pages of an app, round each of its pages. Logs take the whole width and height. */
export function AppFrame({ appRef, children }: { appRef: AppRef; children: ReactNode }) {
  const { data: app } = useApp(appRef)
  const wide = usePathname().startsWith(paths.app(appRef, 'logs'))
  const tab = (label: string, page?: Parameters<typeof paths.app>[1]) => ({ href: paths.app(appRef, page), label })
  return (
    <div className={wide ? 'flex h-[calc(100dvh-3rem)] flex-col' : undefined}>
      <div className={app?.environmentKind === 'production' ? 'border-t-2 border-t-accent border-b' : 'border-b'}>
        <div className="mx-auto max-w-[1280px] px-4 pt-4 md:px-6">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <h1 className="min-w-0 break-all font-semibold text-xl tracking-tight">{appRef.app}</h1>
            {app && <AppHealthMark app={app} />}
            <Badge tone={app?.environmentKind === 'production' ? 'progressing' : 'neutral'}>
              <EnvironmentTag name={appRef.environment} kind={app?.environmentKind} />
            </Badge>
            <span className="flex-1" />
            {app && <DeployImageButton app={app} />}
            {app?.url && (
              <Button asChild size="sm">
                <a href={app.url} target="_blank" rel="noreferrer" aria-label="Open app">
                  <span className="max-sm:hidden">Open app</span>
                  <ExternalLink aria-hidden />
                </a>
              </Button>
            )}
          </div>
          <div className="mt-2">
            <TabBar
              label="Pages of the app"
              tabs={[
                tab('Overview'),
                tab('Releases', 'releases'),
                tab('Builds', 'builds'),
                tab('Logs', 'logs'),
                tab('Processes', 'processes'),
                tab('Config', 'config'),
                tab('Networking', 'networking'),
                tab('Settings', 'settings'),
              ]}
            />
          </div>
        </div>
      </div>
      <div className={wide ? 'flex min-h-0 flex-1 flex-col' : 'mx-auto w-full max-w-[1280px] px-4 py-5 md:px-6'}>
        <StreamNotice appRef={appRef} />
        {children}
      </div>
    </div>
  )
}
