import test from 'ava'
import { parseTemplate, TemplateError } from '../src/index.ts'

const fill = (source: string, data: unknown = {}): string => parseTemplate(source).render(data)

// What Go 1.24's text/template prints for the same text and data.
const cases: readonly (readonly [source: string, data: unknown, expected: string])[] = [
  ['plain', {}, 'plain'],
  ['{{.}}', 'x', 'x'],
  ['{{.A.B}}', { A: { B: 1 } }, '1'],
  ['{{.id}}', { Id: 'abc' }, 'abc'],
  ['{{.A.Missing}}', { A: {} }, '<no value>'],
  ['{{"a\\tb"}}{{`c\\d`}}{{\'x\'}}', {}, 'a\tbc\\d120'],
  ['{{0x1F}} {{1_000}} {{1.5}} {{-3}} {{true}} {{1e3}}', {}, '31 1000 1.5 -3 true 1000'],
  ['{{if .A}}yes{{else}}no{{end}}', { A: 0 }, 'no'],
  ['{{if .A}}a{{else if .B}}b{{else}}c{{end}}', { A: '', B: [1] }, 'b'],
  ['{{with .A}}{{.B}}{{else}}none{{end}}', { A: { B: 2 } }, '2'],
  ['{{with .A}}a{{else with .B}}{{.}}{{end}}', { A: '', B: 'b' }, 'b'],
  ['{{range .}}{{.}},{{else}}empty{{end}}', [], 'empty'],
  ['{{range $i, $v := .}}{{$i}}={{$v}} {{end}}', ['a', 'b'], '0=a 1=b '],
  ['{{range $k, $v := .}}{{$k}}={{$v}} {{end}}', { b: 2, a: 1 }, 'a=1 b=2 '],
  ['{{range 3}}{{.}}{{end}}', {}, '012'],
  ['{{range .}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}', [1, 2, 3, 4, 5], '13'],
  ['{{range .L}}{{$.N}}{{.}} {{end}}', { L: [1, 2], N: 'n' }, 'n1 n2 '],
  ['{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}', {}, '32'],
  ['{{define "T"}}<{{.}}>{{end}}{{template "T" .A}}', { A: 'a' }, '<a>'],
  ['{{block "B" .A}}[{{.}}]{{end}}', { A: 'a' }, '[a]'],
  ['a {{- /* gone */ -}} b', {}, 'ab'],
  ['a\n  {{- 1 -}}\n b', {}, 'a1b'],
  ['{{/* {{nested}} */}}x', {}, 'x'],
  ['{{len .A}} {{len "añb"}} {{len .M}}', { A: [1, 2], M: { a: 1 } }, '2 4 1'],
  ['{{index .A 1}} {{index .M "k"}} {{(index .L 0).N}}', { A: ['a', 'b'], M: { k: 'v' }, L: [{ N: 'n' }] }, 'b v n'],
  ['{{slice .S 1 3}} {{slice .A 1}}', { S: 'abcd', A: [1, 2, 3] }, 'bc [2 3]'],
  ['{{and .A .B}} {{or .A .B}} {{not .A}}', { A: '', B: 'b' }, ' b true'],
  ['{{or 1 (index .A 9)}}', { A: [] }, '1'],
  ['{{eq 1 2 1}} {{ne "a" "b"}} {{lt 1 2}} {{ge "b" "a"}}', {}, 'true true true true'],
  ['{{printf "%-5s|%5d|%05.2f|%q|%x|%t|%v" "ab" 42 3.14159 "q" 255 true .}}', [1], 'ab   |   42|03.14|"q"|ff|true|[1]'],
  ['{{"x" | printf "%s-%s" "y"}}', {}, 'y-x'],
  ['{{printf "%d %s" 1}}', {}, '1 %!s(MISSING)'],
  ['{{printf "%d" "a"}}', {}, '%!d(string=a)'],
  ['{{print 1 2 "a" "b" 3}}', {}, '1 2ab3'],
  ['{{println 1 "a"}}', {}, '1 a\n'],
  [
    '{{html "<a href=\'x\'>"}} {{js "a\'b<"}} {{urlquery "a b&c"}}',
    {},
    "&lt;a href=&#39;x&#39;&gt; a\\'b\\u003C a+b%26c",
  ],
  ['{{.}}', { b: [1, 'x'], a: null }, 'map[a:<nil> b:[1 x]]'],
  ['{{.A.Hello "you"}}', { A: { Hello: (who: string) => `hello ${who}` } }, 'hello you'],
  ['{{.N}} {{.F}} {{.G}}', { N: 1e21, F: 0.00001, G: 100000000 }, '1e+21 1e-05 100000000'],
]

for (const [number, [source, data, expected]] of cases.entries()) {
  test(`${number}: ${JSON.stringify(source)}`, t => t.is(fill(source, data), expected))
}

test('functions of the caller stand beside those of the language', t => {
  const template = parseTemplate('{{.A | join ", "}} {{upper "x"}}', {
    functions: { join: (by: string, list: string[]) => list.join(by), upper: (text: string) => text.toUpperCase() },
  })
  t.is(template.render({ A: ['a', 'b'] }), 'a, b X')
})

const broken: readonly (readonly [source: string, message: RegExp])[] = [
  ['a\n{{.A', /^template: 2: unclosed action$/],
  ['{{if .A}}x', /unclosed \{\{if\}\}/],
  ['{{end}}', /unexpected \{\{end\}\}/],
  ['{{else}}', /unexpected \{\{else\}\}/],
  ['{{.A | 1}}', /non executable command/],
  ['{{(.A}}', /unclosed left paren/],
  ['{{}}', /missing value for value/],
  ['{{if}}x{{end}}', /missing value for if/],
  ['{{.A "b}}', /unclosed action|unexpected/],
  ['{{break}}', /outside \{\{range\}\}/],
  ['{{.A ; .B}}', /unexpected ";/],
]

for (const [source, message] of broken) {
  test(`no template: ${JSON.stringify(source)}`, t => {
    const error = t.throws(() => parseTemplate(source), { instanceOf: TemplateError, message })
    t.is(error.code, 'SYNTAX')
  })
}

const unfit: readonly (readonly [source: string, data: unknown, message: RegExp])[] = [
  ['{{.Nope}}', { A: 1 }, /can't evaluate field Nope/],
  ['{{.A.B.C}}', { A: {} }, /nil pointer evaluating interface \{\}\.C/],
  ['{{nope 1}}', {}, /function "nope" not defined/],
  ['{{$nope}}', {}, /undefined variable "\$nope"/],
  ['{{index .A 3}}', { A: [1] }, /index out of range: 3/],
  ['{{eq 1 "a"}}', {}, /incompatible types/],
  ['{{1 2}}', {}, /can't give argument to non-function 1/],
  ['{{range true}}{{end}}', {}, /range can't iterate over true/],
  ['{{template "none"}}', {}, /no template "none"/],
  ['{{define "T"}}{{template "T" .}}{{end}}{{template "T" .}}', {}, /maximum template depth/],
  ['{{.constructor}}', {}, /can't evaluate field constructor/],
]

for (const [source, data, message] of unfit) {
  test(`data that does not fit: ${JSON.stringify(source)}`, t => {
    const error = t.throws(() => fill(source, data), { instanceOf: TemplateError, message })
    t.is(error.code, 'EXECUTION')
  })
}
