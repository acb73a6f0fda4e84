import assert from 'node:assert'
import test from 'ava'
import { named, parseTemplate, TemplateError } from '../src/index.ts'

const fill = (source: string, data: unknown = {}): string => parseTemplate(source, { name: 't' }).render(data)

const map = (entries: object): object => Object.assign(Object.create(null), entries)

// What Go 1.24's text/template prints for the same text and data.
const cases: readonly (readonly [source: string, data: unknown, expected: string])[] = [
  ['plain', {}, 'plain'],
  ['{{.}}', 'x', 'x'],
  ['{{.A.B}}', { A: { B: 1 } }, '1'],
  ['{{.id}}', { Id: 'abc' }, 'abc'],
  ['{{.A.Missing}} {{.A.Missing.Deeper}}', { A: map({}) }, '<no value> <no value>'],
  ['{{"a\\tb"}}{{`c\\d`}}{{\'x\'}}', {}, 'a\tbc\\d120'],
  ['{{0x1F}} {{1_000}} {{1.5}} {{-3}} {{true}} {{1e3}}', {}, '31 1000 1.5 -3 true 1000'],
  ['{{if .A}}yes{{else}}no{{end}}', { A: 0 }, 'no'],
  ['{{if .A}}a{{else if .B}}b{{else}}c{{end}}', { A: '', B: [1] }, 'b'],
  ['{{with .A}}{{.B}}{{else}}none{{end}}', { A: { B: 2 } }, '2'],
  ['{{with .A}}a{{else with .B}}{{.}}{{end}}', { A: '', B: 'b' }, 'b'],
  ['{{range .}}{{.}},{{else}}empty{{end}}', [], 'empty'],
  ['{{range $i, $v := .}}{{$i}}={{$v}} {{end}}', ['a', 'b'], '0=a 1=b '],
  ['{{range $k, $v := .}}{{$k}}={{$v}} {{end}}', map({ b: 2, a: 1 }), 'a=1 b=2 '],
  ['{{range 3}}{{.}}{{end}}', {}, '012'],
  ['{{range .}}{{if eq . 2}}{{continue}}{{end}}{{if eq . 4}}{{break}}{{end}}{{.}}{{end}}', [1, 2, 3, 4, 5], '13'],
  ['{{range .L}}{{$.N}}{{.}} {{end}}', { L: [1, 2], N: 'n' }, 'n1 n2 '],
  ['{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}', {}, '32'],
  ['{{define "T"}}<{{.}}>{{end}}{{template "T" .A}}', { A: 'a' }, '<a>'],
  ['{{block "B" .A}}[{{.}}]{{end}}', { A: 'a' }, '[a]'],
  ['a {{- /* gone */ -}} b', {}, 'ab'],
  ['a\n  {{- 1 -}}\n b', {}, 'a1b'],
  ['{{/* {{nested}} */}}x', {}, 'x'],
  ['{{len .A}} {{len "añb"}} {{len .M}}', { A: [1, 2], M: new Map([['a', 1]]) }, '2 4 1'],
  ['{{index .A 1}} {{index .M "k"}} {{(index .L 0).N}}', { A: ['a', 'b'], M: { k: 'v' }, L: [{ N: 'n' }] }, 'b v n'],
  ['[{{index .M "none"}}]', { M: map({ k: 'v' }) }, '[]'],
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
  ['{{.}}', map({ b: [1, 'x'], a: null }), 'map[a:<nil> b:[1 x]]'],
  ['{{.}} {{printf "%+v" .}}', { b: [1, 'x'], a: null }, '{[1 x] <nil>} {b:[1 x] a:<nil>}'],
  ['{{if .A}}yes{{end}}{{if .M}}no{{end}}', { A: {}, M: map({}) }, 'yes'],
  ['{{printf "%[2]d %[1]d" 1 2}} {{printf "%"}} {{printf "%[3]d" 1}}', {}, '2 1 %!(NOVERB) %!d(BADINDEX)'],
  ['{{printf "a" 1 "x"}}', {}, 'a%!(EXTRA int=1, string=x)'],
  ['{{100000000.5}} {{0x10}} {{010}} {{+5}}', {}, '1.000000005e+08 16 8 5'],
  ['{{if .A}}a{{else if eq .B 2}}b{{end}}', { A: 0, B: 2 }, 'b'],
  ['{{range .}}{{else}}none{{end}}', null, 'none'],
  ['{{html nil}} {{print nil}}', {}, '&lt;no value&gt; <nil>'],
  ['{{(index .L 1).N | printf "%s!"}}', { L: [{ N: 'a' }, { N: 'b' }] }, 'b!'],
  ['{{.A\n}}', { A: 1 }, '1'],
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

// Messages as Go 1.19 words them, but for the depth of templates.
const broken: readonly (readonly [source: string, message: string])[] = [
  ['a\n{{.A', '2: unclosed action'],
  ['{{.A\n', '1: unclosed action'],
  ['{{.A\n.B', '2: unclosed action started at t:1'],
  ['{{if .A}}x', '1: unexpected EOF'],
  ['{{end}}', '1: unexpected {{end}}'],
  ['{{else}}', '1: unexpected {{else}}'],
  ['{{end x}}', '1: unexpected "x" in end'],
  ['{{if 1}}{{else x}}{{end}}', '1: unexpected "x" in else'],
  ['{{.A | 1}}', '1: non executable command in pipeline stage 2'],
  ['{{(.A}}', '1: unclosed left paren'],
  ['{{.A)}}', '1: unexpected ")" in command'],
  ['{{}}', '1: missing value for command'],
  ['{{if}}x{{end}}', '1: missing value for if'],
  ['{{print ()}}', '1: missing value for parenthesized pipeline'],
  ['{{.A "b}}', '1: unterminated quoted string'],
  ['{{`a}}', '1: unterminated raw quoted string'],
  ["{{'a}}", '1: unterminated character constant'],
  ['{{break}}', '1: {{break}} outside {{range}}'],
  ['{{.A ; .B}}', '1: unexpected ";" in operand'],
  ['{{.A-B}}', "1: bad character U+002D '-'"],
  ['{{3x}}', '1: bad number syntax: "3x"'],
  ['{{nope 1}}', '1: function "nope" not defined'],
  ['{{constructor}}', '1: function "constructor" not defined'],
  ['{{$nope}}', '1: undefined variable "$nope"'],
  ['{{with $x := .A}}{{end}}{{$x}}', '1: undefined variable "$x"'],
  ['{{$x := 1}}{{define "T"}}{{$x}}{{end}}', '1: undefined variable "$x"'],
  ['{{range $i, $j, $k := .}}{{end}}', '1: too many declarations in range'],
  ['{{define "a"}}', '1: unexpected EOF'],
  ['{{if 1}}{{define "a"}}{{end}}', '1: unexpected <define> in command'],
  ['{{template a}}', '1: unexpected "a" in template clause'],
  ['{{"a".B}}', '1: unexpected . after term "\\"a\\""'],
  ['{{"\\q"}}', '1: invalid syntax'],
  ['{{/* a', '1: unclosed comment'],
  ['{{/* a */ b}}', '1: comment ends before closing delimiter'],
]

for (const [source, message] of broken) {
  test(`no template: ${JSON.stringify(source)}`, t => {
    const error = t.throws(() => fill(source), { instanceOf: TemplateError, message: `template: t:${message}` })
    t.is(error.code, 'SYNTAX')
  })
}

const upper = { takes: ['string'], call: (text: string) => text.toUpperCase() } as const
const join = { takes: ['[]string', 'string'], call: (list: string[], by: string) => list.join(by) } as const

const unfit: readonly (readonly [source: string, data: unknown, message: string])[] = [
  [
    '{{.Nope}}',
    named('*define.Info', { A: 1 }),
    `1:2: executing "t" at <.Nope>: can't evaluate field Nope in type *define.Info`,
  ],
  ['{{.A.B.C}}', { A: { B: 's' } }, `1:4: executing "t" at <.A.B.C>: can't evaluate field C in type string`],
  ['{{.A.B.C}}', { A: map({ B: null }) }, '1:4: executing "t" at <.A.B.C>: nil pointer evaluating interface {}.C'],
  ['x\n {{.Nope}}', {}, `2:3: executing "t" at <.Nope>: can't evaluate field Nope in type struct`],
  ['{{index .A 3}}', { A: [1] }, '1:2: executing "t" at <index .A 3>: error calling index: index out of range: 3'],
  ['{{index nil 1}}', {}, '1:2: executing "t" at <index nil 1>: error calling index: index of untyped nil'],
  ['{{eq 1 "a"}}', {}, '1:2: executing "t" at <eq 1 "a">: error calling eq: incompatible types for comparison'],
  ['{{le true false}}', {}, '1:2: executing "t" at <le true false>: error calling le: invalid type for comparison'],
  ['{{1 2}}', {}, `1:2: executing "t" at <1>: can't give argument to non-function 1`],
  ['{{.A 2}}', { A: 1 }, '1:2: executing "t" at <.A>: A has arguments but cannot be invoked as function'],
  ['{{.A.B 1}}', { A: { B: () => assert.fail('why') } }, '1:4: executing "t" at <.A.B>: error calling B: why'],
  ['{{nil}}', {}, '1:2: executing "t" at <nil>: nil is not a command'],
  ['{{range true}}{{end}}', {}, `1:8: executing "t" at <true>: range can't iterate over true`],
  ['{{template "none"}}', {}, '1:11: executing "t" at <{{template "none"}}>: template "none" not defined'],
  [
    '{{define "T"}}{{template "T" .}}{{end}}{{template "T" .}}',
    {},
    '1:25: executing "T" at <{{template "T" .}}>: exceeded maximum template depth (1000)',
  ],
  ['{{printf}}', {}, '1:2: executing "t" at <printf>: wrong number of args for printf: want at least 1 got 0'],
  ['{{upper 3}}', {}, '1:8: executing "t" at <3>: expected string; found 3'],
  ['{{upper .A}}', { A: 3 }, '1:8: executing "t" at <.A>: wrong type for value; expected string; got int'],
  ['{{join "a" "b"}}', {}, `1:7: executing "t" at <"a">: can't handle "a" for arg of type []string`],
  ['{{call 3}}', {}, '1:2: executing "t" at <call 3>: error calling call: non-function of type int'],
]

for (const [source, data, message] of unfit) {
  test(`data that does not fit: ${JSON.stringify(source)} ${message}`, t => {
    const template = parseTemplate(source, { name: 't', functions: { upper, join } })
    const error = t.throws(() => template.render(data), { instanceOf: TemplateError })
    t.is(error.message, `template: t:${message}`)
    t.is(error.code, 'EXECUTION')
  })
}

for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']) {
  test(`no member of a prototype is seen: ${name}`, t => {
    const lacking = { instanceOf: TemplateError, message: /can't evaluate field/ }
    class Text {
      toString() {
        return 'text'
      }
    }
    for (const value of [{}, [], '', 1, true, new Text()]) t.throws(() => fill(`{{.V.${name}}}`, { V: value }), lacking)
    t.is(fill(`{{.V.${name}}}`, { V: map({}) }), '<no value>')
    t.is(fill(`{{.V.${name}}}`, { V: JSON.parse(`{"${name}":"own"}`) }), 'own')
    t.throws(() => fill(`{{index .V "${name}"}}`, { V: {} }), { instanceOf: TemplateError })
  })
}
