import test from 'ava'
import { table } from '../../src/commands/table.ts'
import { argumentKinds } from '../../src/complete/arguments.ts'
import { complete } from '../../src/complete/complete.ts'
import { formatSuggestions } from '../../src/complete/fields.ts'
import { rootFlags } from '../../src/global-flags.ts'
import { infoShape } from '../../src/shapes/info.ts'

const closed = (): never => {
  throw new Error('no engine is needed')
}

async function answer(line: string): Promise<readonly [words: string, directive: string]> {
  const words = line.split(' ')
  const question = { before: words.slice(0, -1), typed: words.at(-1) ?? '' }
  const completion = await complete(question, { table, flags: rootFlags }, closed)
  return [completion.words.map(({ text }) => text).join(' '), completion.directive]
}

test('commands, in groups too, and behind global flags', async t => {
  t.deepEqual(await answer('vol'), ['volume', 'NoFileComp'])
  t.deepEqual(await answer('volume ex'), ['exists export', 'NoFileComp'])
  t.deepEqual(await answer('--root /x --log-level=debug secret l'), ['ls', 'NoFileComp'])
  t.deepEqual(await answer('nothing '), [(await answer(''))[0], 'NoFileComp'])
})

test('flags, long and short, and their values', async t => {
  t.deepEqual(await answer('ps --no'), ['--no-trunc --noheading', 'NoFileComp'])
  t.deepEqual(await answer('wait -'), [
    '--condition --exit-first-match --ignore --interval --latest --help -i -l',
    'NoFileComp',
  ])
  t.deepEqual(await answer('ps --sort s'), ['size status', 'NoFileComp'])
  t.deepEqual(await answer('ps -a --sort=s'), ['size status', 'NoFileComp'])
  t.deepEqual(await answer('pull --authfile '), ['', 'Default'])
  t.deepEqual(await answer('run --name '), ['', 'NoFileComp'])
  t.deepEqual(await answer('pull --policy n'), ['never newer', 'NoFileComp'])
  t.deepEqual(await answer('run --pull m'), ['missing', 'NoFileComp'])
  t.regex((await answer('run --sysctl net.ipv4.ip_f'))[0], /^net\.ipv4\.ip_forward\b/)
  t.regex((await answer('network create --interface-name l'))[0], /^lo\b/)
  t.deepEqual(await answer('--storage-driver '), ['', 'NoFileComp'])
})

test('what ends the flags ends their completion', async t => {
  t.deepEqual(await answer('run image -'), ['', 'Default'])
  t.deepEqual(await answer('load -- -'), ['', 'NoFileComp'])
})

test('templates of --format, to any depth', async t => {
  t.deepEqual(await answer('info --format j'), ['json', 'NoFileComp'])
  t.deepEqual(await answer('info -f {{.V'), ['{{.Version.', 'NoSpace, NoFileComp'])
  t.deepEqual(await answer('ps --format {{.ID}}{{.PodN'), ['{{.ID}}{{.PodName}}', 'NoSpace, NoFileComp'])
  t.deepEqual(formatSuggestions('{{ .Host.OCIRuntime.N', infoShape), ['{{ .Host.OCIRuntime.Name}}'])
  t.deepEqual(formatSuggestions('{{.Nope.', infoShape), [])
  t.deepEqual(formatSuggestions('{{.constructor.', infoShape), [])
})

const usages: readonly (readonly [usage: string, at: number, kinds: string])[] = [
  ['[options] CONTAINER [CONTAINER...]', 0, 'container'],
  ['[options] CONTAINER [CONTAINER...]', 7, 'container'],
  ['[options] NETWORK CONTAINER', 1, 'container'],
  ['[options] NETWORK CONTAINER', 2, ''],
  ['[options] IMAGE [COMMAND [ARG...]]', 2, 'file'],
  ['[options] {CONTAINER|IMAGE|POD|NETWORK|VOLUME} [...]', 3, 'container pod image network volume'],
  ['[options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH', 1, 'container-path file'],
  ['[options]', 0, ''],
]

for (const [usage, at, kinds] of usages)
  test(`argument ${at} of ${usage}`, t => t.is(argumentKinds(usage, at).join(' '), kinds))
