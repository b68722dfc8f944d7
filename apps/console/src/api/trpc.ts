'use client'

import type { AppRouter } from '@slipway/platform/api'
import { createTRPCContext } from '@trpc/tanstack-react-query'

/** Typed access to the platform's procedures from client components. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()
