import { describe, expect, test } from 'vitest'
import type { Json } from '../api/objects.ts'
import { readJson, repeatedPaths, repetitionsIn } from './repeated-names.ts'

/** As the reader of bodies counts them. */
function names(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const children: Json[] = Object.values(value)
  return (Array.isArray(value) ? 0 : children.length) + children.reduce((sum: number, child) => sum + names(child), 0)
}

const read = (text: string) => readJson(text, names)

describe('names that come twice', () => {
  test.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"a":{"b":1,"b":2},"c":[{"d":1},{"d":1,"d":2}]}', ['a.b', 'c[1].d']],
    ['{"a":1,"\\u0061":2}', ['a']],
    ['{"a":"1","a":"2","a":"3"}', ['a']],
    ['{ "a" : -1.5e3 , "b":\n[ ], "a": true }', ['a']],
    ['[{"x":null,"x":{}}]', ['[0].x']],
    ['{"a\\"b":1,"a\\"b":2}', ['a"b']],
    ['{"a":"c:\\\\","a":"\\\\\\":{"}', ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
  ])('%s', (text, paths) => {
    const value = read(text)
    expect(value).toEqual(JSON.parse(text))
    expect(repeatedPaths(value)).toEqual(paths)
  })

  test.each(['{"a":1,"b":"::\\":"}', '[]', '"a:b"', '{"a":{"a":{"a":1}}}', '{"__proto__":{"a":1}}', '{"a":"\\\\"}'])(
    'none in %s',
    (text) => {
      expect(repetitionsIn(read(text))).toBeUndefined()
    },
  )

  test('random documents are read as JSON.parse reads them, repeated or not', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    const made = (depth: number): string => {
      const leaves = ['1', '-0.5e-7', '"a:\\"b\\\\"', 'true', 'null', '"é\\n"', '""']
      if (depth === 0 || random(3) === 0) return leaves[random(leaves.length)] ?? '1'
      const inner = Array.from({ length: random(4) }, () => made(depth - 1))
      const space = [' ', '', '\n\t'][random(3)]
      if (random(3) === 0) return `[${inner.join(`${space},`)}]`
      return `{${inner.map((text) => `${space}"${'abc'[random(3)]}":${space}${text}`).join(',')}}`
    }
    for (let round = 0; round < 500; round += 1) {
      const text = `{"x":${made(5)}}`
      expect(read(text), text).toEqual(JSON.parse(text))
    }
  })
})
