import { atLeast } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, string } from '../../cli/flag.ts'
import { inspectEach } from '../../inspect.ts'
import { secretJson } from '../../print/secret-json.ts'

export const command = defineCommand({
  summary: 'Inspect a secret',
  usage: '[options] SECRET [SECRET...]',
  examples: ['{} MYSECRET'],
  flags: {
    format: string('Format inspect output using Go template', { short: 'f' }),
    pretty: bool('Print inspect output in human-readable format'),
    showsecret: bool('Display the secret'),
  },
  args: atLeast(1),
  templateFields: async () => (await import('../../shapes/secret.ts')).secretShape,
  async run({ flags, args }, io, engine) {
    const { secrets } = await engine()
    const find = async (name: string) => {
      const secret = await secrets.inspect(name)
      const data = flags.showsecret ? (await secrets.read(name)).toString() : undefined
      return { kind: 'secret', object: secretJson(secret, data) } as const
    }
    return inspectEach(args, find, io, { format: flags.pretty ? pretty : flags.format, indent: 4 })
  },
})

const pretty =
  'ID:              {{.ID}}\nName:              {{.Spec.Name}}{{if .Spec.Labels}}\nLabels:{{range $k, $v := .Spec.Labels}}\n - {{$k}}{{if $v}}={{$v}}{{end}}{{end}}{{end}}\nDriver:            {{.Spec.Driver.Name}}\nCreated at:        {{.CreatedAt}}\nUpdated at:        {{.UpdatedAt}}'
