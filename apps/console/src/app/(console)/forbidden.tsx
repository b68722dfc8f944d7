import Link from 'next/link'
import { Button } from '#ui/button.tsx'
import { MessagePage } from '#ui/message-page.tsx'

export default function Forbidden() {
  return (
    <MessagePage
      title="Not with your role"
      action={
        <Button asChild variant="primary">
          <Link href="/">All apps</Link>
        </Button>
      }
    >
      Your role in this team does not allow to see this page. An admin of the team can change that.
    </MessagePage>
  )
}
