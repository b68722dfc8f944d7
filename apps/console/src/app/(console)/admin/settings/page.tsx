import type { Metadata } from 'next'
import { SettingsPage } from '#admin/settings-page.tsx'

export const metadata: Metadata = { title: 'Settings of the installation' }

export default function Page() {
  return <SettingsPage />
}
