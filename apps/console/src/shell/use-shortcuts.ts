'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent } from 'react'
import { paths } from '#lib/paths.ts'
import { useModifier } from '#lib/platform-keys.ts'
import { appOf } from '#lib/route.ts'
import { APP_KEYS, isTyping, SEQUENCE_TIMEOUT_MS } from './keys.ts'
import { useCurrentTeam } from './nav.tsx'
import { useMayAnywhere } from './use-account.ts'
import { usePlace } from './use-place.ts'

interface ShortcutActions {
  openPalette: () => void
  openHelp: () => void
  toggleSidebar: () => void
}

/** Where `g` and this key lead from here, null when nowhere. */
function useDestinations() {
  const place = usePlace()
  const team = useCurrentTeam()
  const mayCreate = useMayAnywhere('app.create')
  const app = appOf(place)
  return (key: string): string | null => {
    if (key === 'h') return paths.home
    if (key === 'n') return mayCreate ? paths.newApp(place) : null
    if (team && key === 't') return paths.team(team)
    if (team && key === 'q') return paths.teamSettings(team, 'quota')
    if (team && key === 'm') return paths.teamSettings(team, 'members')
    const page = APP_KEYS.find((each) => each.key === key)
    return app && page ? paths.app(app, page.page) : null
  }
}

/** The keys that work everywhere: the platform's key with K, ?, [, and g followed by a letter. */
export function useShortcuts({ openPalette, openHelp, toggleSidebar }: ShortcutActions): void {
  const router = useRouter()
  const destination = useDestinations()
  const modifier = useModifier()
  const onKey = useEffectEvent((event: KeyboardEvent, afterG: boolean): boolean => {
    if (modifier.isHeld(event) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      openPalette()
      return false
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return false
    if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return false
    if (afterG) {
      const target = destination(event.key)
      if (target) {
        event.preventDefault()
        router.push(target)
      }
      return false
    }
    if (event.key === '?') openHelp()
    if (event.key === '[') toggleSidebar()
    return event.key === 'g'
  })

  useEffect(() => {
    let gAt = Number.NEGATIVE_INFINITY
    const listen = (event: KeyboardEvent) => {
      const isG = onKey(event, event.timeStamp - gAt < SEQUENCE_TIMEOUT_MS)
      gAt = isG ? event.timeStamp : Number.NEGATIVE_INFINITY
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}
