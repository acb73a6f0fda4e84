import { parseTemplate } from '@libpod/go-template'

const functions = { upper: (text: string) => text.toUpperCase() }
const template = parseTemplate(
  '{{range $i, $c := .}}{{if $i}}, {{end}}{{$c.Name | upper | printf "%-6s"}}{{$c.Pid}}{{end}}\n',
  { functions },
)
process.stdout.write(
  template.render([
    { Name: 'web', Pid: 17 },
    { Name: 'db', Pid: 23 },
  ]),
) // WEB   17, DB    23
