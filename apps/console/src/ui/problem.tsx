'use client'

import { RotateCw } from 'lucide-react'
import { type Problem, problemOf } from '#api/errors.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

const TITLES: Partial<Record<Problem['code'], string>> = {
  forbidden: 'You are not allowed to do this',
  quota_exceeded: 'This exceeds the quota',
  not_configured: 'Not set up on this installation',
  rate_limited: 'Too many attempts',
  unavailable: 'The platform is not answering',
  conflict: 'This cannot be done right now',
}

interface ProblemNoticeProps {
  error: unknown
  /** Asks again; shown as a button. */
  onRetry?: () => void
  className?: string
}

/** An error where the eye already is: what happened, why, and what to do next, in the platform's own words. */
export function ProblemNotice({ error, onRetry, className }: ProblemNoticeProps) {
  const problem = problemOf(error)
  return (
    <Notice
      live
      className={className}
      tone={problem.code === 'quota_exceeded' || problem.code === 'not_configured' ? 'warning' : 'degraded'}
      title={TITLES[problem.code] ?? 'Something went wrong'}
      action={
        onRetry && (
          <Button size="sm" onClick={onRetry}>
            <RotateCw aria-hidden />
            Try again
          </Button>
        )
      }
    >
      {problem.message}
    </Notice>
  )
}
