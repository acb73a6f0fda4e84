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
const format = (text: string) =>
  formatRows(text, rows, { name: 'ps', type: 'containers.psReporter', headings: { ID: 'CONTAINER ID' } })

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
  t.is(format('{{.ID}}\\t{{.Names}}'), 'abc\tone\ndef\ttwo\n')
  t.is(
    formatRows('table {{.ImageID}} {{.PIDNS}} {{.CIDFile}}', [], { name: 'ps', type: '' }),
    'IMAGE ID    PIDNS       CID FILE\n',
  )
  t.is(formatRows('table {{.A}}', [{ A: 1 }], { name: 'ps', type: '', noheading: true }), '1\n')
})

test('rows are ranged over by whoever wants to', t => {
  t.is(format('{{"\\n"}}'), '\n\n')
  t.is(format('{{json .ID}}'), '"abc"\n"def"\n')
})

test('JSON of a row is what the command shows as JSON', t => {
  const json = rows.map(({ ID }) => ({ id: ID }))
  t.is(formatRows('{{json .}}', rows, { name: 'ps', type: '', json }), '{"id":"abc"}\n{"id":"def"}\n')
  t.is(formatRows('{{json .Labels}}', rows, { name: 'ps', type: '', json }), '{"a":"x","b":"y"}\n{}\n')
})

test('what does not exist is refused, inherited members too', t => {
  const at = (source: string, field: string) =>
    `template: ps:1:13: executing "ps" at <${source}>: can't evaluate field ${field} in type containers.psReporter`
  t.throws(() => format('{{.Nope}}'), { message: at('.Nope', 'Nope') })
  t.throws(() => format('{{.constructor}}'), { message: at('.constructor', 'constructor') })
  t.throws(() => format('{{constructor .}}'), { message: 'template: ps:1: function "constructor" not defined' })
  t.throws(() => format('{{if .ID}}'), { message: 'template: ps:2: unexpected EOF' })
  t.throws(() => format('{{upper}}'), { message: /wrong number of args for upper: want 1 got 0/ })
  t.throws(() => format('{{upper .Count}}'), { message: /wrong type for value; expected string; got int/ })
})
