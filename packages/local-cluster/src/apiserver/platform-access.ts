import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { LocalApi, ObjectKey } from '../types/client.ts'

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
const bindingSchema = z.object({
  subjects: z.array(z.object({ kind: z.literal('ServiceAccount'), name: z.string(), namespace: z.string() })).length(1),
})

/**
 * Applies a file of one ServiceAccount, its role and the binding of both, as `kubectl apply --server-side` would: what the file
 * has lost since the last start is no right any more. Resolves to the account that is bound.
 * @throws Error for a file without a binding of one account
 */
export async function providePlatformAccess(api: LocalApi, file: string): Promise<ObjectKey> {
  const objects = parseAllDocuments(readFileSync(file, 'utf8')).map((each) => objectSchema.parse(each.toJS()))
  const binding = objects.find(({ kind }) => kind === 'ClusterRoleBinding')
  const [subject] = bindingSchema.parse(binding).subjects
  if (subject === undefined) throw new Error(`${file} binds no account.`)
  const { name, namespace } = subject
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { force: true })
  for (const object of objects) {
    const metadata = object.kind === 'ServiceAccount' ? { ...object.metadata, namespace } : object.metadata
    await api.apply({ ...object, metadata }, { force: true })
  }
  return { name, namespace }
}
