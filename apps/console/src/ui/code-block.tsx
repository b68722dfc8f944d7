import { cn } from './cn.ts'
import { CopyButton } from './copy-button.tsx'
import { ScrollBox } from './scroll-box.tsx'

interface CodeBlockProps {
  /** Copied as it is; each line is shown on its own. */
  code: string
  what?: string
  /** Shows `$` before each line: commands of a shell. */
  shell?: boolean
  className?: string
}

/** Commands or text to copy. */
export function CodeBlock({ code, what = 'commands', shell, className }: CodeBlockProps) {
  return (
    <div className={cn('flex min-w-0 items-start rounded-md border bg-sunken text-left', className)}>
      <ScrollBox label={what} className="min-w-0 flex-1">
        <pre className="w-max px-3 py-2.5 font-mono text-xs leading-5">
          {code.split('\n').map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text
            <div key={index}>
              {shell && line && (
                <span aria-hidden className="mr-2 select-none text-ink-3">
                  $
                </span>
              )}
              {line || ' '}
            </div>
          ))}
        </pre>
      </ScrollBox>
      <CopyButton text={code} what={what} className="m-1.5" />
    </div>
  )
}
