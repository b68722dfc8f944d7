'use client'

import { signIn } from 'next-auth/react'

/** Signs in with e-mail address and password. Answers null, or what went wrong in words for the person. */
export async function signInWithPassword(email: string, password: string): Promise<string | null> {
  try {
    const answer = await signIn('credentials', { email, password, redirect: false })
    if (answer?.ok && !answer.error) return null
    return answer?.error && answer.error !== 'CredentialsSignin'
      ? answer.error
      : 'The e-mail address or the password is wrong.'
  } catch {
    return 'Slipway is not answering. Check your connection and try again.' // fetch throws for nothing else
  }
}
