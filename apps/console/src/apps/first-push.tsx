'use client'

import type { AppView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { GitBranch, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { asksPassword, ConfirmPassword } from '#account/confirm-password.tsx'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { cliLine } from '#lib/cli.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CodeBlock } from '#ui/code-block.tsx'
import { Notice } from '#ui/notice.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

const TOKEN_DAYS = 90

/** The remote's address with a token in it, so that git does not ask. */
function withToken(gitUrl: string, secret: string): string {
  const url = new URL(gitUrl)
  url.username = 'slipway'
  url.password = secret
  return url.toString()
}

function TokenHelp({ gitUrl }: { gitUrl: string }) {
  const trpc = useTRPC()
  const [password, setPassword] = useState('')
  const create = useMutation(trpc.token.create.mutationOptions())
  if (create.data) {
    return (
      <Notice tone="warning" title="Your token, shown only now">
        <p>Git asks for a user name (any) and a password: this token. It expires in {TOKEN_DAYS} days.</p>
        <CodeBlock code={create.data.secret} what="token" className="my-2" />
        <p className="mb-1">Or store it in the remote, so that git does not ask:</p>
        <CodeBlock code={`git remote set-url slipway ${withToken(gitUrl, create.data.secret)}`} what="command" shell />
      </Notice>
    )
  }
  const needsPassword = asksPassword(create.error)
  return (
    <form
      noValidate
      className="flex flex-wrap items-center gap-x-3 gap-y-2 text-ink-2 text-sm"
      onSubmit={(event) => {
        event.preventDefault()
        const token = { name: 'git push', scope: 'deploy', expiresInDays: TOKEN_DAYS } as const
        create.mutate({ ...token, password: needsPassword ? password : undefined })
      }}
    >
      <KeyRound aria-hidden className="size-4 text-ink-3" />
      <p className="min-w-0 flex-1 basis-60">Git asks for a user name (any) and a password: one of your API tokens.</p>
      {needsPassword && <ConfirmPassword error={create.error} value={password} onChange={setPassword} />}
      <Button type="submit" size="sm" disabled={needsPassword && password === ''} pending={create.isPending}>
        Create a token
      </Button>
      {create.error && !needsPassword && <ProblemNotice error={create.error} className="w-full" />}
    </form>
  )
}

/** How the first code gets here: the exact commands, and a sign that it is being waited for. */
export function FirstPush({ app }: { app: AppView }) {
  const mayDeploy = useMay(app.ref.team, 'app.deploy')
  if (!mayDeploy) {
    return (
      <Panel title="Nothing has been pushed yet">
        <WhoCan team={app.ref.team} permission="app.deploy" what="push code here" />
      </Panel>
    )
  }
  const commands = [`git remote add slipway ${app.gitUrl}`, 'git push slipway main'].join('\n')
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          <GitBranch aria-hidden className="size-4 text-ink-3" />
          Push your code
        </span>
      }
      footer={
        <span role="status" className="flex items-center gap-2">
          <span aria-hidden className="size-2 animate-pulse rounded-full bg-progressing" />
          {app.source
            ? `Waiting for the first push to ${app.source.branch} of ${app.source.repositoryUrl}, or to Slipway itself.`
            : 'Waiting for the first push.'}{' '}
          This page updates by itself when it arrives.
        </span>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <p className="mb-2 text-ink-2 text-sm">In the folder of your git repository:</p>
          <CodeBlock code={commands} shell />
          <p className="mt-2 text-ink-3 text-xs">
            Is your branch called something else? <code className="font-mono">git push slipway HEAD:main</code>. No
            repository yet? Start with{' '}
            <code className="font-mono">git init -b main && git add -A && git commit -m "First commit"</code>.
          </p>
        </div>
        <TokenHelp gitUrl={app.gitUrl} />
        <p className="text-ink-3 text-xs">
          Slipway builds Node.js, Python, Java, Go, Ruby, PHP and static sites, and whatever has a Dockerfile or a
          Procfile. To deploy an image instead:{' '}
          <code className="wrap-anywhere font-mono">{cliLine(app.ref, 'deploy', '--image', 'nginx:1.29')}</code>
        </p>
      </div>
    </Panel>
  )
}
