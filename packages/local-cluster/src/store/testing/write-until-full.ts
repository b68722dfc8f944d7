/** Writes five objects a turn until the disk takes no more, then prints what was promised, what is in memory and what was told. */
import { ConfigMaps } from '../../types/resources.ts'
import { ObjectStore } from '../store.ts'

const store = new ObjectStore({ directory: process.argv[2] ?? '' })
const promised: string[] = []
const told: string[] = []
store.subscribe(ConfigMaps, ({ object }) => told.push(object.metadata.name))
let failure = ''
for (let turn = 0; failure === '' && turn < 2_000; turn += 1) {
  const names = Array.from({ length: 5 }, (_, index) => `turn-${turn}-${index}`)
  try {
    for (const name of names) {
      const data = { text: 'x'.repeat(20_000) }
      store.put(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n' }, ...{ data } })
    }
    await store.committed()
    promised.push(...names)
  } catch (error) {
    failure = String(error)
  }
}
const memory = store.list(ConfigMaps).map(({ metadata }) => metadata.name)
process.stdout.write(JSON.stringify({ failure, promised, memory, told }))
