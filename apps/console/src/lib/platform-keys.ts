'use client'

import { createContext, useContext } from 'react'

/** Whether the browser runs on one of Apple's systems. The server tells it, so that the first paint names the right key. */
export const AppleContext = createContext(false)

interface Modifier {
  /** As it is printed on the key. */
  name: '⌘' | 'Ctrl'
  isHeld: (event: Pick<KeyboardEvent, 'metaKey' | 'ctrlKey'>) => boolean
}

const COMMAND: Modifier = { name: '⌘', isHeld: ({ metaKey }) => metaKey }
const CONTROL: Modifier = { name: 'Ctrl', isHeld: ({ ctrlKey }) => ctrlKey }

/** The key that begins shortcuts on this platform. On a Mac, Ctrl+K is the text field's own. */
export function useModifier(): Modifier {
  return useContext(AppleContext) ? COMMAND : CONTROL
}
