import { expect, test } from 'vitest'
import { ApiError } from '../../types/errors.ts'
import { applyJsonPatch } from './json-patch.ts'

// The other operations are held against a real server's answers in sequences.test.ts.
test('a patch of more than 10,000 operations is refused in the words of the real server', () => {
  const operation = { op: 'test', path: '/data/x', value: '1' }
  const long = () =>
    applyJsonPatch(
      { data: { x: '1' } },
      Array.from({ length: 10_001 }, () => operation),
    )
  expect(long).toThrow(ApiError)
  expect(long).toThrow('The allowed maximum operations in a JSON patch is 10000, got 10001')
})

test('copies that double the document are refused before they fill the memory', () => {
  const grow = { op: 'copy', from: '/data', path: '/data/again' }
  const { document } = applyJsonPatch({ data: { x: '1' } }, [grow, grow])
  expect(JSON.stringify(document)).toBe('{"data":{"x":"1","again":{"x":"1","again":{"x":"1"}}}}')
  const list = { op: 'copy', from: '/data', path: '/data/-' }
  expect(() =>
    applyJsonPatch(
      { data: [1] },
      Array.from({ length: 60 }, () => list),
    ),
  ).toThrow(ApiError)
})

test('keys that JavaScript gives a meaning are keys like any other', () => {
  const { document } = applyJsonPatch({ data: {} }, [{ op: 'add', path: '/data/__proto__', value: { polluted: true } }])
  expect(JSON.stringify(document)).toBe('{"data":{"__proto__":{"polluted":true}}}')
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
})
