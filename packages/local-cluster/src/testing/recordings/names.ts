import type { KubernetesObject } from '../../types/objects.ts'
import { replacedText } from './ignored.ts'
import { rowObjects } from './recording.ts'
import { hashesSaid, nodesInTable, nodesSaid } from './said.ts'

/** The letters of names that the server generates. */
const suffix = '[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])'

/**
 * Names without what is made at random: learned from the objects of one side, so that both sides call the same thing the
 * same. Hashes of templates get a number in the order in which they came up.
 */
export class Names {
  /** Whether the recording kept managedFields. */
  readonly managed: boolean
  readonly #hashes = new Map<string, string>()
  readonly #prefixes = new Set<string>()
  readonly #minutes = new Map<string, string>()
  readonly #nodes = new Set<string>()

  constructor(managed: boolean) {
    this.managed = managed
  }

  learn(object: KubernetesObject): void {
    const { metadata } = object
    this.#hash(metadata.labels?.['pod-template-hash'], 'HASH')
    this.#hash(metadata.labels?.['controller-revision-hash'], 'REVISION')
    const status: { currentRevision?: string; updateRevision?: string } = Reflect.get(object, 'status') ?? {}
    this.#hash(status.currentRevision, 'REVISION')
    this.#hash(status.updateRevision, 'REVISION')
    const spec: { nodeName?: string } = Reflect.get(object, 'spec') ?? {}
    if (spec.nodeName !== undefined) this.#nodes.add(spec.nodeName)
    // Of a row of a Table only the labels say that it is a node.
    if (metadata.labels?.['kubernetes.io/hostname'] !== undefined) this.#nodes.add(metadata.name)
    if (metadata.generateName !== undefined) this.#prefixes.add(metadata.generateName)
    if (object.kind === 'ReplicaSet') this.#prefixes.add(`${metadata.name}-`)
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'CronJob')
    if (owner !== undefined) this.#minute(metadata.name.slice(owner.name.length + 1))
    for (const hash of hashesSaid(object)) this.#hash(hash, 'HASH')
    for (const node of nodesSaid(object)) this.#nodes.add(node)
  }

  /** Learns from what a Table shows: which nodes there are, and the objects of its rows. */
  learnTable(body: unknown): void {
    for (const node of nodesInTable(body)) this.#nodes.add(node)
    for (const object of rowObjects(body)) this.learn(object)
  }

  /** Jobs of a CronJob are named after the minute of their time: a number in the order in which they came up. */
  #minute(text: string): void {
    if (/^\d{8}$/.test(text) && !this.#minutes.has(text)) this.#minutes.set(text, `MINUTE${this.#minutes.size + 1}`)
  }

  #hash(value: string | undefined, word: string): void {
    const hash = value?.split('-').at(-1)
    if (hash === undefined || this.#hashes.has(hash)) return
    const known = [...this.#hashes.values()].filter((name) => name.startsWith(word)).length
    this.#hashes.set(hash, `${word}${known + 1}`)
  }

  /** The text with every generated part replaced. */
  plain(text: string): string {
    let out = text
    for (const prefix of this.#prefixes) {
      if (out.includes(prefix)) out = out.replaceAll(new RegExp(escaped(prefix) + suffix, 'g'), `${prefix}RANDOM`)
    }
    out = out.replaceAll(new RegExp(`(?<=kube-api-access-)${suffix}`, 'g'), 'RANDOM')
    for (const [minute, word] of this.#minutes) {
      out = out.replaceAll(new RegExp(`(?<=-)${minute}(?!\\d)`, 'g'), word)
    }
    for (const [hash, word] of this.#hashes) out = out.replaceAll(hash, word)
    for (const node of this.#nodes)
      out = out.replaceAll(new RegExp(`(?<![\\w.-])${escaped(node)}(?![\\w.-])`, 'g'), 'NODE')
    for (const [pattern, by] of replacedText) out = out.replaceAll(pattern, by)
    return out
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
