import type { SortKey } from './app-view.ts'

/** What the columns are called, in their order. */
export const COLUMN_LABELS: Record<SortKey, string> = {
  name: 'App',
  status: 'Status',
  project: 'Project',
  environment: 'Environment',
  instances: 'Instances',
  release: 'Released by',
  deployed: 'Deployed',
}

/** Columns that are not shown stay, without width: the heads of groups span all of them. */
const FROM_SM = 'max-sm:invisible max-sm:w-0 max-sm:px-0 whitespace-nowrap'
const FROM_LG = 'max-lg:invisible max-lg:w-0 max-lg:px-0 whitespace-nowrap'

/** Width, and from which width of the window on a column is shown; below, the app's own cell holds what matters of it. */
export const COLUMN_CLASSES: Record<SortKey, string> = {
  name: 'w-[41%] sm:w-[30%] lg:w-[19%]',
  status: 'w-auto',
  project: `${FROM_LG} lg:w-[14%]`,
  environment: `${FROM_LG} lg:w-[12%]`,
  instances: `${FROM_SM} sm:w-[17%] lg:w-[8%]`,
  release: `${FROM_LG} lg:w-[13%]`,
  deployed: 'w-[22%] sm:w-[21%] lg:w-[10%]',
}

/** True where the first click on a column puts the largest first: the newest deploy, the most instances. */
export const firstDirection = (key: SortKey) => key === 'deployed' || key === 'instances'
