/** Writes without end and prints each write that is finished: `name value`, or `name deleted`. For the crash test. */
import { writeSync } from 'node:fs'
import { ConfigMaps } from '../../types/resources.ts'
import { ObjectStore } from '../store.ts'

const store = new ObjectStore({ directory: process.argv[2] ?? '' })
let next = store.revision

function round(): void {
  for (let i = 0; i < 20; i += 1) {
    next += 1
    const metadata = { name: `object-${next}`, namespace: 'n' }
    store.put(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, ...{ data: { value: `v${next}` } } })
    store.commit()
    writeSync(1, `object-${next} v${next}\n`)
  }
  setImmediate(round)
}
round()
