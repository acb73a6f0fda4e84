import { join } from 'node:path'
import { plainEnvironment, run } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

/** Commands that show rows, and what they need to have some. */
const rows: readonly (readonly string[])[] = [
  ['ps', '--all', '--size'],
  ['images'],
  ['history', busybox],
  ['pod', 'ps'],
  ['volume', 'ls'],
  ['network', 'ls'],
  ['secret', 'ls'],
  ['system', 'df'],
  ['stats', '--no-stream', '--all'],
]

const objects: readonly (readonly string[])[] = [
  ['info'],
  ['version'],
  ['events', '--stream=false'],
  ['container', 'inspect', 'one'],
  ['inspect', 'one'],
  ['image', 'inspect', busybox],
  ['pod', 'inspect', 'two'],
  ['volume', 'inspect', 'three'],
  ['network', 'inspect', 'podman'],
  ['secret', 'inspect', 'four'],
]

async function filled(cli: Cli): Promise<void> {
  await cli.ok('create', '--name', 'one', '--network', 'none', '--label', 'a=b', busybox, 'true')
  await cli.ok('pod', 'create', '--infra=false', '--name', 'two')
  await cli.ok('volume', 'create', '--label', 'a=b', 'three')
  await cli.run(['secret', 'create', 'four', '-'], { input: 'secret' })
}

/** The fields that completion offers for `--format`. */
async function offered(cli: Cli, command: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await cli.run(['__completeNoDesc', ...command, '--format', '{{.'])
  return stdout.split('\n').filter(line => line.startsWith('{{.'))
}

test('every field that completion offers is one that the templates of the command know', async t => {
  const cli = await openCliWithBusybox(t, 'format')
  await filled(cli)
  for (const command of [...rows, ...objects]) {
    const fields = (await offered(cli, command)).map(field =>
      field.endsWith('}}') ? field : `${field.slice(0, -1)}}}`,
    )
    t.true(fields.length > 1, command.join(' '))
    const { code, stderr } = await cli.run([...command, '--format', fields.join('')])
    t.deepEqual({ command, code, stderr }, { command, code: 0, stderr: '' })
  }
})

test('every list: a table with heads, JSON, and what has no such field, said in one way', async t => {
  const cli = await openCliWithBusybox(t, 'tables')
  await filled(cli)
  for (const command of rows) {
    const name = command.find((word, at) => at > 0 && /^(ps|ls|df)$/.test(word)) ?? command[0]
    const [field = ''] = await offered(cli, command)
    const table = await cli.ok(...command, '--format', `table ${field} x`)
    t.regex(table.split('\n')[0] ?? '', /^[A-Z#/ %]+ +x$/, command.join(' '))
    t.true(table.split('\n').length > 1, command.join(' '))
    for (const json of ['json', '{{ json }}'])
      t.true(JSON.parse(await cli.ok(...command, '--format', json)).length > 0, command.join(' '))
    const each = await cli.ok(...command, '--format', '{{ json . }}')
    for (const line of each.trimEnd().split('\n')) t.regex(line, /^\{.+\}$/, command.join(' '))
    const { code, stderr } = await cli.run([...command, '--format', '{{.Nope}}'])
    t.is(code, 125)
    t.regex(
      stderr,
      new RegExp(
        `^Error: template: ${name}:1:\\d+: executing "${name}" at <\\.Nope>: can't evaluate field Nope in type`,
      ),
    )
  }
})

test('inspect: zero values for what is not there, maps for what is free, JSON under its own names', async t => {
  const cli = await openCliWithBusybox(t, 'inspect-format')
  await filled(cli)
  const show = (format: string) => cli.ok('inspect', '--format', format, 'one')
  t.is(await show('{{.ID}}{{.Id}}'), (await show('{{.ID}}')).repeat(2))
  t.is(await show('{{.Config.Labels.a}} {{index .Config.Labels "a"}} {{.Config.Labels.b}}'), 'b b <no value>')
  t.is(await show('{{.HostConfig.CpuShares}} {{.HostConfig.Memory}} [{{.Pod}}] {{.HostConfig.CapAdd}}'), '0 0 [] []')
  t.is(await show('{{json .Config.Labels}} {{json .State.Running}}'), '{"a":"b"} false')
  t.is(JSON.parse(await show('{{json .}}')).Id, await show('{{.Id}}'))
  t.regex(await show('{{.Created}}'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? \+0000 UTC$/)
  t.is(await show('{{range $name, $net := .NetworkSettings.Networks}}{{$name}}{{else}}none{{end}}'), 'none')
})

test('bash completes with the script that podman prints', async t => {
  const cli = await openCliWithBusybox(t, 'bash')
  await filled(cli)
  const script = await cli.ok('completion', 'bash')
  const program = cli.argv.slice(0, -cli.globals.length)
  const quoted = (words: readonly string[]): string => words.map(word => `'${word}'`).join(' ')
  const words = async (line: string): Promise<string> => {
    const lines = [
      `podman() { shift; ${quoted(program)} __completeNoDesc ${quoted(cli.globals)} "$@"; }`,
      script,
      `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; read -ra COMP_WORDS <<<"$COMP_LINE"`,
      `[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))`,
      `_podman 2>/dev/null; echo "\${COMPREPLY[*]}"`,
    ]
    const { stdout } = await run('bash', ['-c', lines.join('\n')], { env: plainEnvironment })
    return stdout.trim()
  }
  t.is(await words('podman vol'), 'volume')
  t.is(await words('podman rm o'), 'one')
  t.is(await words('podman volume rm '), 'three')
  t.is(await words('podman ps --sort=na'), 'names')
})

test('images: who never had a name shows so; an image with two names is two objects; VirtualSize is in bytes', async t => {
  const cli = await openCliWithBusybox(t, 'format-images')
  t.regex(await cli.ok('images', '--format', '{{.VirtualSize}}'), /^\d{7}$/)
  await cli.ok('tag', busybox, 'localhost/other:1')
  const objects: readonly { readonly Id: string }[] = JSON.parse(await cli.ok('images', '--format', 'json'))
  t.is(objects.length, 2)
  t.is(objects[0]?.Id, objects[1]?.Id)
  await cli.ok('import', '--quiet', '--message', 'nameless', join(cli.directory, 'busybox.tar'))
  t.regex(await cli.ok('images', '--history', '--filter', 'dangling=true', '--noheading'), / <none> *$/)
})
