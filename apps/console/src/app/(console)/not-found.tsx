import Link from 'next/link'
import { Button } from '#ui/button.tsx'
import { MessagePage } from '#ui/message-page.tsx'

export default function NotFound() {
  return (
    <MessagePage
      title="Nothing here"
      action={
        <Button asChild variant="primary">
          <Link href="/">All apps</Link>
        </Button>
      }
    >
      It does not exist, has been deleted, or belongs to a team you are not in. Check the address, or ask for an
      invitation.
    </MessagePage>
  )
}
