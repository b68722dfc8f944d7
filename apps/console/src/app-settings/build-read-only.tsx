'use client'

import { type AppView, describeSetting, SETTING_LABELS, settingsOfBuilder } from '@slipway/domain'
import { WhoCan } from './who-can.tsx'

/** The settings in words, for who may not change them. */
export function BuildReadOnly({ app }: { app: AppView }) {
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[12rem_minmax(0,1fr)]">
        {settingsOfBuilder(app.settings.builder).map((key) => (
          <div key={key} className="contents">
            <dt className="text-ink-3">{SETTING_LABELS[key]}</dt>
            <dd className="min-w-0 break-words max-sm:mb-2">{describeSetting(key, app.settings, app.deployBranch)}</dd>
          </div>
        ))}
      </dl>
      <WhoCan team={app.ref.team} permission="app.update" what="change these settings" />
    </div>
  )
}
