/** Looks of lists that are filtered by typing: switchers and the command palette. */
export const commandClasses = {
  input:
    'h-10 w-full border-b bg-transparent px-3 text-sm outline-none placeholder:text-ink-3 focus-visible:outline-none',
  item: 'flex cursor-pointer select-none items-center gap-2.5 rounded-sm px-2 py-1.5 text-sm data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-3',
} as const
