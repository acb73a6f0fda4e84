import { plainEnvironment, run, tempDir } from '@libpod/test-kit'
import test from 'ava'
import { formatObject } from '../../src/print/format.ts'
import { infoShape } from '../../src/shapes/info.ts'
import { goValue } from '../../src/shapes/shape.ts'

/** Templates over `podman info`, good and bad: the installed Podman and ours must say the same of the same data. */
const templates = String.raw`
plain
{{.Host.Arch}}-{{.Store.GraphDriverName}}
{{.Nope}}
{{.Host.Nope}}
{{.Store.ContainerStore.Nope}}
{{.nope.deeper}}
{{
{{.Host
{{nope}}
{{constructor}}
{{.constructor}}
{{.Host.__proto__}}
{{.Host.Arch.length}}
{{if}}
{{if .Host}}yes{{else}}no{{end}}
{{if and .Host .Registries}}yes{{else}}no{{end}}
{{if or .Registries .Host.ServiceIsRemote}}yes{{else}}no{{end}}
{{if not .Host.ServiceIsRemote}}local{{end}}
{{if eq .Host.Arch "none"}}a{{else if eq .Host.OS "linux"}}b{{else}}c{{end}}
{{if .Host.ServiceIsRemote}}a{{else if .Registries}}b{{end}}
{{end}}
{{else}}
{{len 3}}
{{len .Host.Arch}}{{len .Plugins.Log}}
{{eq 1 "a"}}
{{eq .Host.OS "windows" "linux"}}
{{eq 1}}
{{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1 2}}
{{lt .Host 3}}
{{le true false}}
{{1 2}}
{{"a" "b"}}
{{.Version 3}}
{{.Host.Arch 3}}
{{template "x"}}
{{define "x"}}<{{.}}>{{end}}{{template "x" .Host.OS}}
{{block "x" .Host.OS}}[{{.}}]{{end}}
{{printf}}
{{printf "%s-%s-%d %v" .Host.OS 3 4 nil}}
{{printf "%5.2f|%-5d|%05d|%x|%X|%o|%b|%e|%g|%t|%c|%U|%q|%+d|%#x" 3.14159 3 42 255 255 8 5 1234.5 0.00001 true 65 65 "a" 5 255}}
{{printf "%s" 3}} {{printf "%d" "x"}} {{printf "%z" 1}} {{printf "%"}} {{printf "a" 1 "x"}} {{printf "%d %d" 1}}
{{printf "%[2]d %[1]d" 1 2}} {{printf "%*d" 5 3}} {{printf "%v" nil}} {{printf "%6.2q|%x" "abc" "hi"}} {{printf "%t" 1}}
{{split "a"}}
{{split "a,b" ","}} {{index (split "a,b" ",") 1}}
{{join "a" "b"}}
{{join (split "a,b" ",") "-"}}{{join .Plugins.Log "+"}}
{{title "foo bAr"}}{{lower "ABC"}}{{upper "abc"}}
{{truncate "abc" 2}}{{truncate "abc" 7}}{{pad "abc" 2 3}}|{{pad "" 2 3}}|
{{lower 3}}
{{lower .Version}}
{{truncate "abc" "x"}}
{{"x" | upper | pad 1 2}}
{{"x" | upper | printf "%s!"}}
{{json .Plugins}}{{json .Host.Security.Rootless}}{{json .Registries}}
{{.Plugins.Log}} {{.Registries}} {{.Version.Version}}
{{range .Plugins.Log}}<{{.}}>{{end}}
{{range $i, $log := .Plugins.Log}}{{if $i}}, {{end}}{{$i}}={{$log}}{{end}}
{{range .Plugins.Log}}{{if eq . "none"}}{{continue}}{{end}}{{if eq . "journald"}}{{break}}{{end}}{{.}};{{end}}
{{range .Registries}}x{{else}}none{{end}}
{{range .Plugins.Log}}{{$.Host.OS}}{{end}}
{{range $i, $j, $k := .}}{{end}}
{{range "abc"}}{{end}}
{{with .Host.OS}}{{.}}{{else}}none{{end}}{{with .Registries}}{{.}}{{else}}none{{end}}
{{with $x := .Host.OS}}{{$x}}{{end}}
{{with $x := .Host.OS}}{{$x}}{{end}}{{$x}}
{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}
{{$x := 1}}{{$x.Foo}}
{{$x}}
{{.Host|1}}
{{break}}
{{if true}}{{break}}{{end}}
{{with .Host}}x
{{not}}
{{not 1 2}}
{{and}}
{{or 1 (index nil 1)}}{{and 0 (index nil 1)}}
{{index nil 1}}
{{index .Plugins.Log 1}}
{{index .Plugins.Log 99}}
{{index "abc" 7}}
{{slice "abcd" 1 3}}{{slice .Plugins.Log 0 1}}
{{slice "abc" 5}}
{{slice .Version 1 2}}
{{call 3}}
{{nil}}
{{nil | print}}
{{print nil}}{{html nil}}
{{print 1 2 "a" "b" 3}}{{println "a" 1}}
{{html "<a href='x'>"}}{{js "<a>'"}}{{urlquery "a b/é&c"}}
{{define "x"}}
{{define x}}{{end}}
{{if 1}}{{define "x"}}{{end}}{{end}}
{{template x}}
{{(.Host}}
{{.Host)}}
{{(index .Plugins.Log 0)}}
{{"a".B}}
{{.Host ; .Store}}
{{.Host "b}}
{{.Host-B}}
{{#}}
{{é}}
{{3x}}
{{"\q"}}
{{"abc
{{/* a */}}b{{- /* c */ -}}  d
{{/* a
{{end x}}
{{if 1}}{{else x}}{{end}}
{{- .Host.OS -}} x {{- 3}}
{{'a'}} {{0x10}} {{1_0}} {{-5}} {{1.5}} {{0.00001}} {{100000000.5}}
{{.Host.OS}}\t{{.Host.OS}}\n
{{"\n"}}
{{printf "a\tb"}}
{{.Host.OS | }}
{{| .Host}}
{{}}
{{print ()}}
{{.Host.IDMappings}}{{.Store.ContainerStore}}{{.Host.Security}}
`
  .trim()
  .split('\n')

test('templates say what they say in the installed Podman', async t => {
  t.timeout(600_000)
  const directory = await tempDir(t, 'templates')
  const info = async (format: string) => {
    const argv = ['--root', `${directory}/root`, '--runroot', `${directory}/run`, 'info', '--format', format]
    return await run('podman', argv, { env: plainEnvironment })
  }
  const data = goValue(JSON.parse((await info('json')).stdout), infoShape)
  const differences: object[] = []
  const left = [...templates]
  const compare = async (): Promise<void> => {
    for (let template = left.pop(); template !== undefined; template = left.pop()) {
      const { stdout, stderr } = await info(template)
      const [got, wanted] = [ours(template, data), stderr === '' ? stdout : stderr]
      if (got !== wanted) differences.push({ template, got, wanted })
    }
  }
  await Promise.all(Array.from({ length: 6 }, compare))
  t.deepEqual(differences, [])
})

function ours(template: string, data: object): string {
  try {
    return formatObject(template, data, 'info')
  } catch (error) {
    return `Error: ${error instanceof Error ? error.message : String(error)}\n`
  }
}
