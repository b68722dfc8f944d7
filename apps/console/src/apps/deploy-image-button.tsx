'use client'

import { type AppView, deployImageInput, planRelease } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { Rocket } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { PreflightNotice } from '#quota/preflight-notice.tsx'
import { useForeseen } from '#quota/use-quota.ts'
import { useMay } from '#shell/use-account.ts'
import { Button, type ButtonProps } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

/** Deploys another image, with the config that the app has. */
export function DeployImageButton({
  app,
  label = 'Deploy image',
  variant,
}: { app: AppView; label?: string } & Pick<ButtonProps, 'variant'>) {
  const trpc = useTRPC()
  const mayDeploy = useMay(app.ref.team, 'app.deploy')
  const [open, setOpen] = useState(false)
  const [image, setImage] = useState('')
  const [wrong, setWrong] = useState<string | undefined>()
  const deploy = useMutation(
    trpc.release.deployImage.mutationOptions({
      onSuccess(release) {
        setOpen(false)
        toast.success(`v${release.number} is on its way.`)
      },
    }),
  )
  const found = useForeseen(app.ref, open ? planRelease(app) : null)
  if (!mayDeploy || app.sourceKind !== 'image') return null
  const submit = () => {
    const input = { ...app.ref, image }
    const problem = fieldErrors(deployImageInput, input).image
    setWrong(problem)
    if (!problem && found.refusal === null) deploy.mutate(input)
  }
  return (
    <>
      <Button
        size="sm"
        variant={variant}
        onClick={() => {
          setImage(app.image ?? '')
          deploy.reset()
          setOpen(true)
        }}
      >
        <Rocket aria-hidden />
        {label}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Deploy an image"
        about="Creates a new release with the current config and rolls it out without downtime."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button variant="primary" pending={deploy.isPending} disabled={found.refusal !== null} onClick={submit}>
              Deploy
            </Button>
          </>
        }
      >
        <form
          noValidate
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Field label="Image" error={wrong}>
            <Input
              mono
              placeholder="ghcr.io/acme/shop:1.4.3"
              value={image}
              onChange={(event) => setImage(event.target.value.trim())}
            />
          </Field>
          <PreflightNotice found={found} />
          {deploy.error && found.refusal === null && <ProblemNotice error={deploy.error} />}
        </form>
      </Dialog>
    </>
  )
}
