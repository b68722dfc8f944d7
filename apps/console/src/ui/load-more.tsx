import { Button } from './button.tsx'

interface LoadMoreProps {
  hasMore: boolean
  pending: boolean
  onMore: () => void
}

/** The foot of a list that comes in pages. */
export function LoadMore({ hasMore, pending, onMore }: LoadMoreProps) {
  if (!hasMore) return null
  return (
    <div className="flex justify-center border-t py-2">
      <Button size="sm" variant="ghost" pending={pending} onClick={onMore}>
        Show older
      </Button>
    </div>
  )
}
