import { NoRights } from '#shell/no-rights.tsx'

export default function Forbidden() {
  return <NoRights />
}
