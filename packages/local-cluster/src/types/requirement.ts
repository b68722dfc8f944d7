/** One condition of a label or node selector: `metav1.LabelSelectorRequirement`, `v1.NodeSelectorRequirement`. */
export interface SelectorRequirement {
  key: string
  operator: string
  values?: string[]
}

/**
 * True when a value, undefined where there is none, meets the condition. `Gt` and `Lt` are for node selectors: validation
 * refuses them in label selectors. An operator that nobody knows matches nothing.
 */
export function meets({ operator, values = [] }: Omit<SelectorRequirement, 'key'>, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
