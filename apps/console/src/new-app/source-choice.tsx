'use client'

import { Container, FileStack, GitBranch, type LucideIcon, Webhook } from 'lucide-react'
import { RadioGroup } from 'radix-ui'
import { cn } from '#ui/cn.ts'

export type SourceKind = 'git' | 'repository' | 'image' | 'compose'

const CHOICES: { kind: SourceKind; icon: LucideIcon; label: string; about: string }[] = [
  {
    kind: 'git',
    icon: GitBranch,
    label: 'Push with git',
    about: 'Slipway hosts a repository for the app. Each push is built and rolled out.',
  },
  {
    kind: 'repository',
    icon: Webhook,
    label: 'Connect a repository',
    about: 'On GitHub, GitLab, Gitea or Forgejo. Each push to its branch deploys.',
  },
  {
    kind: 'image',
    icon: Container,
    label: 'An image',
    about: 'An OCI image from a registry, deployed right away.',
  },
  {
    kind: 'compose',
    icon: FileStack,
    label: 'A compose file',
    about: 'Several services in one docker-compose.yml.',
  },
]

/** What is built from source. */
export const isBuilt = (kind: SourceKind): boolean => kind === 'git' || kind === 'repository'

interface SourceChoiceProps {
  value: SourceKind
  onChange: (kind: SourceKind) => void
  /** Why code cannot be built here; null when it can. */
  noBuilds: string | null
}

/** Where what runs comes from. */
export function SourceChoice({ value, onChange, noBuilds }: SourceChoiceProps) {
  return (
    <RadioGroup.Root
      value={value}
      onValueChange={(kind) => onChange(kind as SourceKind)}
      aria-label="Source"
      className="grid gap-3 sm:grid-cols-2"
    >
      {CHOICES.map(({ kind, icon: Icon, label, about }) => {
        const refused = isBuilt(kind) ? noBuilds : null
        return (
          <RadioGroup.Item
            key={kind}
            value={kind}
            disabled={refused !== null}
            className={cn(
              'flex items-start gap-3 rounded-lg border border-line-strong bg-surface p-4 text-left transition-colors hover:bg-hover disabled:cursor-not-allowed disabled:hover:bg-surface',
              'data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft',
            )}
          >
            <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
            <span className="min-w-0">
              <span className="block font-medium text-base">{label}</span>
              <span className="block text-ink-2 text-sm">{refused ?? about}</span>
            </span>
          </RadioGroup.Item>
        )
      })}
    </RadioGroup.Root>
  )
}
