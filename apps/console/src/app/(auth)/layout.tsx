import type { ReactNode } from 'react'
import { Logo } from '#shell/logo.tsx'

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex h-14 items-center px-5">
        <Logo />
      </header>
      <main className="flex flex-1 flex-col items-center px-5 pt-[8vh] pb-16">{children}</main>
    </div>
  )
}
