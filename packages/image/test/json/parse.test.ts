import test from 'ava'
import { isImageError } from '../../src/errors.ts'
import { parseJson, stringifyJson } from '../../src/json/parse.ts'
import { isObject } from '../../src/json/read.ts'

const texts = [
  '{}',
  '[]',
  'null',
  'true',
  '-1.5e3',
  '"a\\u0041\\n"',
  '{"a":[1,{"b":null}],"c":"\u{1f600}"}',
  ' [ 1 , 2 ] ',
]

for (const text of texts) {
  test(`${text} reads as JSON.parse reads it`, t => {
    t.is(stringifyJson(parseJson(text, 'document')), JSON.stringify(JSON.parse(text)))
  })
}

const refused = {
  'duplicate keys': '{"a":1,"a":2}',
  'duplicate keys, one escaped': '{"a":1,"\\u0061":2}',
  'an integer beyond 2^53': '{"size":9007199254740993}',
  'text after the end': '{} x',
  'a trailing comma': '[1,]',
  'a comment': '{/* */}',
  'a raw newline in a string': '"a\nb"',
  'an unterminated string': '"abc',
  'a leading zero': '01',
  NaN: 'NaN',
  'deep nesting': '['.repeat(100_000),
}

for (const [what, text] of Object.entries(refused)) {
  test(`${what} is refused`, t => {
    const error = t.throws(() => parseJson(text, 'document'))
    t.true(isImageError(error, 'MANIFEST_INVALID'))
    t.regex(error?.message ?? '', /^document/)
  })
}

test('invalid UTF-8 is refused', t => {
  t.throws(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), 'document'), { message: 'document is not valid UTF-8' })
})

test('keys of prototypes are data', t => {
  const value = parseJson('{"__proto__":{"polluted":1},"constructor":2}', 'document')
  t.true(isObject(value) && value.get('constructor') === 2)
  t.is(({} as { polluted?: number }).polluted, undefined)
})
