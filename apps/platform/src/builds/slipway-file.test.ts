import { expect, test } from 'vitest'
import { parseSlipwayFile } from './slipway-file.ts'

test('reads what it may hold', () => {
  expect(parseSlipwayFile('build:\n  builder: dockerfile\n  target: prod\n  vars: [NEXT_PUBLIC_*]\n')).toEqual({
    build: { builder: 'dockerfile', target: 'prod', vars: ['NEXT_PUBLIC_*'] },
  })
  expect(parseSlipwayFile('# nothing yet\n')).toEqual({})
})

test.each([
  ['a value that is none', 'build:\n  target: x\n  builder: docker\n', 'slipway.yaml, line 3: build.builder:'],
  [
    'a key that is not known',
    'build:\n  builder: native\n  dockerFile: x\n',
    'line 3: "dockerFile" is not recognised here.',
  ],
  ['a key at the top', '# c\nproceses: {}\n', 'line 2: "proceses" is not recognised here.'],
  ['all config vars', 'build:\n  vars:\n    - "*"\n', 'line 2: build.vars.0: Name a config var'],
  [
    'a size that is none',
    'processes:\n  web:\n    command: x\n    size: huge\n',
    'line 4: processes.web.size: Use nano',
  ],
  ['broken YAML', 'build:\n  args: [1\n', 'line 3:'],
  ['a list', '- build\n', 'line 1: the file:'],
  ['aliases without end', 'a: &a [x]\nbuild: *a\n', 'line 2: aliases are not taken.'],
])('names the line of %s', (_name, text, words) => {
  expect(() => parseSlipwayFile(text)).toThrow(words)
})
