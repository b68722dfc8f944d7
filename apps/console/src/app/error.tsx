'use client'

export { default } from './(console)/error.tsx'
