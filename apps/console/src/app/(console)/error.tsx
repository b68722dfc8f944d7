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
      title="This page broke"
      action={
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
      }
    >
      That is a defect of Slipway, not of your app: what runs goes on.{' '}
      {error.digest && <>If it stays, quote the id {error.digest}.</>}
    </MessagePage>
  )
}
