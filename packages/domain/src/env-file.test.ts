import { expect, test } from 'vitest'
import { formatEnvFile, parseEnvFile } from './env-file.ts'

/** One of each way in which such files are written. */
const QUIRKS = String.raw`# comment line
export EXPORTED=yes
PLAIN=a b c
DOLLAR=dsfla83hkh$ksdhc
BCRYPT='$2a$12$mSNGEiOT7urQP/Xs10XzPurl5'
DQDOLLAR="pa$$word${'$'}{X}"
INNERQ="array:'self',blob:,https://*"
JSON={"a":"b c","d":[1,2],"e":"x#y"}
JSONQ='{"a": "it\"s"}'
HASH=abc#def
HASHSP=abc #def
HASHQ="abc #def"
EMPTY=
SPACES="  lead and trail  "
UNI=zażółć 🚀
NL="line1\nline2"
PEM="-----BEGIN KEY-----
MIIB
AAAA
-----END KEY-----"
BACK=C:\new\table
 INDENT=1
COLON: yaml
KEY WITH SPACE=1
lower.dot=1
URL=postgres://u:p%40ss@h:5432/db?sslmode=require&x=y
EQ=a=b==
TICK=${'`raw $x`'}
PORT=3000
AFTER="closed" and more
`

test('reads a file of every kind of line, and names what it cannot read with its line', () => {
  const { values, problems } = parseEnvFile(QUIRKS)
  expect(values).toEqual({
    EXPORTED: 'yes',
    PLAIN: 'a b c',
    DOLLAR: 'dsfla83hkh$ksdhc',
    BCRYPT: '$2a$12$mSNGEiOT7urQP/Xs10XzPurl5',
    DQDOLLAR: ['pa$$word$', '{X}'].join(''),
    INNERQ: "array:'self',blob:,https://*",
    JSON: '{"a":"b c","d":[1,2],"e":"x#y"}',
    JSONQ: String.raw`{"a": "it\"s"}`,
    HASH: 'abc#def',
    HASHSP: 'abc',
    HASHQ: 'abc #def',
    EMPTY: '',
    SPACES: '  lead and trail  ',
    UNI: 'zażółć 🚀',
    NL: 'line1\nline2',
    PEM: '-----BEGIN KEY-----\nMIIB\nAAAA\n-----END KEY-----',
    BACK: String.raw`C:\new\table`,
    INDENT: '1',
    URL: 'postgres://u:p%40ss@h:5432/db?sslmode=require&x=y',
    EQ: 'a=b==',
    TICK: 'raw $x',
  })
  expect(problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    '23: Not a KEY=value line.',
    expect.stringMatching(/^24: “KEY WITH SPACE” is not a variable name/),
    expect.stringMatching(/^25: “lower.dot” is not a variable name/),
    '29: Slipway sets PORT itself.',
    '30: There is text after the closing quote of AFTER.',
  ])
})

test('a quote that never closes is named where it opens, a byte order mark and CRLF are no trouble', () => {
  expect(parseEnvFile('A="open\nB=1\n').problems).toEqual([
    { line: 1, message: 'The value of A has no closing quote.' },
  ])
  expect(parseEnvFile('\ufeffA=1\r\nB=2\r\n')).toEqual({ values: { A: '1', B: '2' }, problems: [] })
  expect(Object.keys(parseEnvFile('__proto__=1\n').values)).toEqual(['__proto__'])
})

test('what is written is read back byte for byte', () => {
  const pieces = ['a', ' ', '"', "'", '`', '\\', '\n', '\r', '\t', '$', '#', '=', '{', '🚀', '\\n', 'é']
  let state = 1
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const values = Object.fromEntries(
    Array.from({ length: 3_000 }, (_, index) => [
      `KEY_${index}`,
      Array.from({ length: random(8) }, () => pieces[random(pieces.length)]).join(''),
    ]),
  )
  expect(parseEnvFile(formatEnvFile(values))).toEqual({ values, problems: [] })
})
