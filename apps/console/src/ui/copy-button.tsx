'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { toast } from 'sonner'
import { copyText } from '#lib/clipboard.ts'
import { Button, type ButtonProps } from './button.tsx'

interface CopyButtonProps extends Omit<ButtonProps, 'onClick'> {
  text: string
  /** What is copied, for the label: "Copy address". */
  what?: string
  /** Shows this beside the icon. */
  label?: string
}

/** Puts text on the clipboard and says so for a moment. */
export function CopyButton({ text, what = 'text', label, size, ...rest }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1_500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    if (await copyText(text)) setCopied(true)
    else toast.error('The browser did not allow copying. Select the text and copy it by hand.')
  }
  return (
    <Button
      variant="ghost"
      size={size ?? (label ? 'sm' : 'iconSm')}
      aria-label={copied ? 'Copied' : `Copy ${what}`}
      onClick={copy}
      {...rest}
    >
      {copied ? <Check aria-hidden className="text-healthy" /> : <Copy aria-hidden />}
      {label && <span aria-hidden>{copied ? 'Copied' : label}</span>}
    </Button>
  )
}
