'use client'

import { type AppView, deployImageInput } from '@slipway/domain'
import { useMutation } from '@tanstack/react-query'
import { Rocket } from 'lucide-react'
import { useState } from 'react'
import { toast } from 'sonner'
import { useTRPC } from '#api/trpc.ts'
import { fieldErrors } from '#lib/form.ts'
import { useMay } from '#shell/use-account.ts'
import { Button } from '#ui/button.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Field } from '#ui/field.tsx'
import { Input } from '#ui/input.tsx'
import { ProblemNotice } from '#ui/problem.tsx'

/** Deploys another image, with the config that the app has. */
export function DeployImageButton({ app }: { app: AppView }) {
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
  if (!mayDeploy || app.sourceKind !== 'image') return null
  const submit = () => {
    const input = { ...app.ref, image }
    const problem = fieldErrors(deployImageInput, input).image
    setWrong(problem)
    if (!problem) deploy.mutate(input)
  }
  return (
    <>
      <Button
        size="sm"
        onClick={() => {
          setImage(app.image ?? '')
          deploy.reset()
          setOpen(true)
        }}
      >
        <Rocket aria-hidden />
        Deploy image
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title="Deploy an image"
        about="Makes a new release with the present config and rolls it out without downtime."
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button variant="primary" pending={deploy.isPending} onClick={submit}>
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
          {deploy.error && <ProblemNotice error={deploy.error} />}
        </form>
      </Dialog>
    </>
  )
}
