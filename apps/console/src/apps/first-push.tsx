'use client'

import type { AppView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { GitBranch, KeyRound } from 'lucide-react'
import { useTRPC } from '#api/trpc.ts'
import { cliLine } from '#lib/cli.ts'
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
  const create = useMutation(trpc.token.create.mutationOptions())
  if (create.data) {
    return (
      <Notice tone="warning" title="Your token, shown only now">
        <p>Git asks for a user name (any) and a password: this token. It is good for {TOKEN_DAYS} days.</p>
        <CodeBlock code={create.data.secret} what="token" className="my-2" />
        <p className="mb-1">Or keep it in the remote, and git will not ask:</p>
        <CodeBlock code={`git remote set-url slipway ${withToken(gitUrl, create.data.secret)}`} what="command" shell />
      </Notice>
    )
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-ink-2 text-sm">
      <KeyRound aria-hidden className="size-4 text-ink-3" />
      <p className="min-w-0 flex-1 basis-60">Git asks for a user name (any) and a password: one of your API tokens.</p>
      <Button
        size="sm"
        pending={create.isPending}
        onClick={() => create.mutate({ name: 'git push', expiresInDays: TOKEN_DAYS })}
      >
        Make a token
      </Button>
      {create.error && <ProblemNotice error={create.error} className="w-full" />}
    </div>
  )
}

/** How the first code gets here: the exact commands, and a sign that it is being waited for. */
export function FirstPush({ app }: { app: AppView }) {
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
          Waiting for the first push. This page goes on by itself when it comes.
        </span>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <p className="mb-2 text-ink-2 text-sm">In the folder of your git repository:</p>
          <CodeBlock code={commands} shell />
          <p className="mt-2 text-ink-3 text-xs">
            Your branch has another name? <code className="font-mono">git push slipway HEAD:main</code>. No repository
            yet? Begin with{' '}
            <code className="font-mono">git init -b main && git add -A && git commit -m "First commit"</code>.
          </p>
        </div>
        <TokenHelp gitUrl={app.gitUrl} />
        <p className="text-ink-3 text-xs">
          Recognised are Node (package.json), static sites (index.html), Python (requirements.txt, pyproject.toml) and
          anything with a Procfile. An image instead:{' '}
          <code className="break-all font-mono">{cliLine(app.ref, 'deploy', '--image', 'nginx:1.29')}</code>
        </p>
      </div>
    </Panel>
  )
}
