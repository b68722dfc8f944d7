import type { CSSProperties, ReactNode } from 'react'
import { type AnsiSpan, type AnsiStyle, hasEscapes, parseAnsi } from './ansi.ts'

function cssOf(style: AnsiStyle): CSSProperties {
  return {
    color: style.color,
    backgroundColor: style.background,
    fontWeight: style.bold ? 600 : undefined,
    opacity: style.dim ? 0.75 : undefined,
    fontStyle: style.italic ? 'italic' : undefined,
    textDecoration: style.underline ? 'underline' : undefined,
  }
}

interface LogTextProps {
  text: string
  /** Lower-case text to mark; none when empty. */
  highlight?: string
  /** Marks in the colour of the match one stands on. */
  current?: boolean
}

/** Marks every place where `needle` occurs in a piece. */
function marked(text: string, needle: string, current: boolean): ReactNode {
  const lower = text.toLowerCase()
  const parts: ReactNode[] = []
  let from = 0
  for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, from)) {
    parts.push(text.slice(from, at))
    parts.push(
      <mark key={at} className={current ? 'bg-match-current text-ink' : 'bg-match text-ink'}>
        {text.slice(at, at + needle.length)}
      </mark>,
    )
    from = at + needle.length
  }
  if (from === 0) return text
  parts.push(text.slice(from))
  return parts
}

/** One line with its colours and search marks. */
export function LogText({ text, highlight = '', current = false }: LogTextProps) {
  const spans: AnsiSpan[] = hasEscapes(text) ? parseAnsi(text) : [{ text, style: null }]
  return spans.map((span, index) => {
    const content = highlight ? marked(span.text, highlight, current) : span.text
    if (span.style === null) return content
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never move
      <span key={index} style={cssOf(span.style)}>
        {content}
      </span>
    )
  })
}
