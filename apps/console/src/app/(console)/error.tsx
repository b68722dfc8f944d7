'use client'

import { useEffect } from 'react'
import { Button } from '#ui/button.tsx'
import { MessagePage } from '#ui/message-page.tsx'

interface ErrorPageProps {
  error: Error & { digest?: string }
  reset: () => void
}

/** What is shown when a page itself broke: a defect of ours, with an id to quote. */
export default function ErrorPage({ error, reset }: ErrorPageProps) {
  useEffect(() => {
    console.error(error)
  }, [error])
  return (
    <MessagePage
      title="Something broke on this page"
      action={
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
      }
    >
      This is a fault in Slipway, not in your app. Your apps keep running.{' '}
      {error.digest && <>If it happens again, quote the ID {error.digest}.</>}
    </MessagePage>
  )
}
