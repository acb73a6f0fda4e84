import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, plainEnvironment, run, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { openCli } from '../e2e/cli.ts'

/** A `podman` on the path, with a volume in its store, and a shell's completion script. */
async function shell(t: ExecutionContext, name: 'zsh' | 'fish') {
  const cli = await openCli(t, `complete-${name}`)
  const directory = await tempDir(t, 'shell')
  const quoted = (words: readonly string[]): string => words.map(word => `'${word}'`).join(' ')
  const [program, globals] = [quoted(cli.argv.slice(0, -cli.globals.length)), quoted(cli.globals)]
  // The store of the test is what the line on which completion is asked for names.
  await writeFile(join(directory, 'podman'), `#!/bin/sh\nask=$1; shift\nexec ${program} "$ask" ${globals} "$@"\n`)
  await chmod(join(directory, 'podman'), 0o755)
  await cli.ok('volume', 'create', 'myvolume')
  const script = join(directory, `completion.${name}`)
  await writeFile(script, await cli.ok('completion', name))
  await mkdir(join(directory, 'archives'))
  await writeFile(join(directory, 'archives', 'one.tar'), '')
  const env = { ...plainEnvironment, PATH: `${directory}:${plainEnvironment.PATH}`, HOME: directory }
  return { directory, script, env }
}

test('fish shows what podman answers, with what it is', async t => {
  t.timeout(120_000)
  const { directory, script, env } = await shell(t, 'fish')
  const ask = (line: string): Promise<string> =>
    output('fish', ['--no-config', '-c', `source ${script}; complete --do-complete "${line}"`], { env, cwd: directory })
  t.is(await ask('podman vol'), 'volume\tManage volumes\n')
  t.regex(await ask('podman volume inspect my'), /^myvolume/)
  t.is(await ask('podman inspect --type=vol'), '--type=volume\n')
  t.is(await ask("podman info --format '{{.Ver"), "'{{.Version.\n")
  t.is(await ask('podman load --input archives/o'), 'archives/one.tar\n')
  t.is(await ask('podman load --input=archives/o'), '--input=archives/one.tar\n')
  t.is(await ask('podman run --name '), '')
})

const typing = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT=; autoload -U compinit; compinit -u -D; source $1; show() { print -r -- \\"\\$BUFFER\\" > shown; }
zle -N show; bindkey '^X' show; bindkey '^I' complete-word; print > ready"
until [[ -e ready ]]; do sleep 0.1; done
zpty -w -n shell "$2"$'\\t\\x18'
until [[ -s shown ]]; do sleep 0.1; done
cat shown
rm ready shown
zpty -d shell
`

test('zsh completes what podman answers', async t => {
  t.timeout(120_000)
  const { directory, script, env } = await shell(t, 'zsh')
  const type = async (line: string): Promise<string> => {
    const { stdout, stderr } = await run('zsh', ['-f', '-c', typing, 'typing', script, line], { env, cwd: directory })
    return (stdout || stderr).replace(/\n$/, '')
  }
  t.is(await type('podman vol'), 'podman volume ')
  t.is(await type('podman volume inspect my'), 'podman volume inspect myvolume ')
  t.is(await type('podman inspect --type=vol'), 'podman inspect --type=volume ')
  t.is(await type("podman info --format '{{.Ver"), "podman info --format '{{.Version.")
  t.is(await type('podman load --input archives/o'), 'podman load --input archives/one.tar ')
  t.is(await type('podman load --input=archives/o'), 'podman load --input=archives/one.tar ')
  t.is(await type('podman run --name x --net'), 'podman run --name x --network')
})
