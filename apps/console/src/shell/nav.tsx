'use client'

import { Box, FolderTree, Gauge, type LucideIcon, ScrollText, Server, Settings, Users } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { paths } from '#lib/paths.ts'
import { cn } from '#ui/cn.ts'
import { useAccount, useMay } from './use-account.ts'
import { usePlace } from './use-place.ts'

interface NavLinkProps {
  href: string
  icon: LucideIcon
  label: string
  current: boolean
  folded: boolean
  onNavigate?: () => void
}

function NavLink({ href, icon: Icon, label, current, folded, onNavigate }: NavLinkProps) {
  return (
    <Link
      href={href}
      onClick={onNavigate}
      aria-current={current ? 'page' : undefined}
      title={folded ? label : undefined}
      className={cn(
        'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors',
        current ? 'bg-active font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
        folded && 'justify-center',
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className={cn('truncate', folded && 'sr-only')}>{label}</span>
    </Link>
  )
}

/** The team that the sidebar is about: the page's, else the first one. */
export function useCurrentTeam() {
  const account = useAccount()
  const { team } = usePlace()
  return account?.teams.find((each) => each.team === team) ?? account?.teams[0]
}

/** The links of the sidebar. Folded, only their icons stand. */
export function Nav({ folded = false, onNavigate }: { folded?: boolean; onNavigate?: () => void }) {
  const pathname = usePathname()
  const place = usePlace()
  const team = useCurrentTeam()
  const mayAudit = useMay(team?.team, 'audit.read')
  const isOperator = useAccount()?.operator ?? false
  const link = (href: string, icon: LucideIcon, label: string, current = pathname === href) => (
    <NavLink {...{ href, icon, label, current, folded, onNavigate }} />
  )
  return (
    <nav aria-label="Main" className="flex flex-col gap-0.5 px-2">
      {link(paths.home, Box, 'Apps')}
      {team && (
        <>
          <p className={cn('mt-4 mb-1 truncate px-2 text-ink-3 text-xs', folded && 'sr-only')}>{team.name}</p>
          {folded && <span aria-hidden className="mx-2 my-2 h-px bg-line" />}
          {link(
            paths.team(team),
            FolderTree,
            'Projects',
            place.team === team.team && !place.page?.startsWith('settings'),
          )}
          {link(paths.teamSettings(team, 'members'), Users, 'Members')}
          {link(paths.teamSettings(team, 'quota'), Gauge, 'Quota')}
          {mayAudit && link(paths.teamSettings(team, 'audit'), ScrollText, 'Audit')}
          {link(paths.teamSettings(team), Settings, 'Team settings')}
        </>
      )}
      {isOperator && (
        <>
          <span aria-hidden className="mx-2 my-2 h-px bg-line" />
          {link(paths.admin(), Server, 'Installation', place.page === 'admin')}
        </>
      )}
    </nav>
  )
}
