'use client'

import type { AppView, RunView } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#api/trpc.ts'
import { WhoCan } from '#app-settings/who-can.tsx'
import { cliLine } from '#lib/cli.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { CopyAs } from '#ui/copy-as.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { Panel } from '#ui/panel.tsx'
import { ProblemNotice } from '#ui/problem.tsx'
import { RunOutput } from './run-output.tsx'

const ABOUT =
  'Once, in an instance of its own with the image and config of the current release. It takes no input here: “slipway run -- bash” opens a terminal.'

/** Runs a command with the app's image and config, and shows what it prints. */
export function RunPanel({ app }: { app: AppView }) {
  const trpc = useTRPC()
  const mayRun = useMay(app.ref.team, 'app.run')
  const [line, setLine] = useState('')
  const [run, setRun] = useState<RunView | null>(null)
  const start = useMutation(trpc.run.start.mutationOptions({ onSuccess: setRun }))
  const stop = useMutation(trpc.run.stop.mutationOptions())
  const isRunning = run !== null && run.endedAt === null
  const command = line.trim()
  const submit = () => {
    stop.reset()
    start.mutate({ ...app.ref, command: ['/bin/sh', '-c', command] })
  }
  if (!mayRun) {
    return (
      <Panel title="Run a command" about={ABOUT}>
        <WhoCan team={app.ref.team} permission="app.run" what="run commands" />
      </Panel>
    )
  }
  return (
    <Panel
      title="Run a command"
      about={ABOUT}
      actions={<CopyAs lines={[cliLine(app.ref, 'run', command === '' ? 'npm run migrate' : command)]} />}
    >
      <div className="flex flex-col gap-3">
        <form
          noValidate
          className="flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Field label="Command" className="flex-1">
            <Input
              mono
              placeholder="npm run migrate"
              autoComplete="off"
              maxLength={8192}
              value={line}
              disabled={isRunning}
              onChange={(event) => setLine(event.target.value)}
            />
          </Field>
          {isRunning ? (
            <Button
              variant="dangerQuiet"
              pending={stop.isPending || stop.isSuccess}
              onClick={() => stop.mutate({ ...app.ref, run: run.id })}
            >
              Stop
            </Button>
          ) : (
            <Button type="submit" variant="primary" disabled={command === ''} pending={start.isPending}>
              Run
            </Button>
          )}
        </form>
        {(start.error ?? stop.error) && <ProblemNotice error={start.error ?? stop.error} />}
        {run && <RunOutput key={run.id} appRef={app.ref} run={run} onChange={setRun} />}
        {isRunning && <p className="text-ink-3 text-xs">It goes on if you leave this page, for an hour at most.</p>}
      </div>
    </Panel>
  )
}
