import test from 'ava'
import { formatRows } from '../../src/print/format.ts'

const rows = [
  {
    ID: 'abc',
    Names: 'one',
    Labels: { a: 'x', b: 'y' },
    List: ['p', 'q'],
    Count: 2,
    Label: (name: unknown) => `<${String(name)}>`,
  },
  { ID: 'def', Names: 'two', Labels: {}, List: [], Count: 0, Label: () => '' },
]
const format = (text: string) => formatRows(text, rows, { ID: 'CONTAINER ID' })

test('fields, methods, functions and pipes', t => {
  t.is(format('{{.ID}} {{ .Names }}'), 'abc one\ndef two\n')
  t.is(format('{{.Label "x y"}}'), '<x y>\n\n')
  t.is(format('{{json .List}}{{len .Labels}}'), '["p","q"]2\n[]0\n')
  t.is(format('{{.Names | upper}}{{index .Labels "a"}}'), 'ONEx\nTWO\n')
  t.is(format('{{.Labels}} {{.List}}'), 'map[a:x b:y] [p q]\nmap[] []\n')
})

test('conditions and ranges', t => {
  t.is(format('{{if .Count}}some{{else}}none{{end}}'), 'some\nnone\n')
  t.is(format('{{if eq .ID "abc"}}1{{else if eq .ID "def"}}2{{end}}'), '1\n2\n')
  t.is(format('{{range .List}}<{{.}}>{{end}}'), '<p><q>\n\n')
  t.is(format('{{range .}}{{.ID}};{{end}}'), 'abc;def;\n')
  t.is(format('{{with .List}}{{len .}}{{else}}-{{end}}'), '2\n-\n')
})

test('tables have heads and columns', t => {
  t.is(format('table {{.ID}} {{.Names}}'), 'CONTAINER ID  NAMES\nabc           one\ndef           two\n')
  t.is(format('{{.ID}}\\t{{.Names}}'), 'abc         one\ndef         two\n')
})

test('what does not exist is refused, inherited members too', t => {
  t.throws(() => format('{{.Nope}}'), { message: /can't evaluate field Nope/ })
  t.throws(() => format('{{.constructor}}'), { message: /can't evaluate field constructor/ })
  t.throws(() => format('{{constructor .}}'), { message: /function "constructor" not defined/ })
  t.throws(() => format('{{if .ID}}'), { message: /unclosed \{\{if\}\}/ })
  t.throws(() => format('{{.ID | }}'), { message: /missing value/ })
})
