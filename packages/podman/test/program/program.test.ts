import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { namedHosts } from '@libpod/test-kit'
import test from 'ava'
import { tableText } from '../../scripts/table.ts'
import { commandHelp, groupHelp } from '../../src/cli/help.ts'
import type { Table } from '../../src/cli/table.ts'
import { table } from '../../src/commands/table.ts'
import { podman, programs } from './program.ts'

test.before(() => {
  if (!existsSync(programs.bundle[1]))
    throw new Error('dist/podman.js is missing: run `npm run build -w packages/podman` first')
})

for (const how of ['source', 'bundle'] as const) {
  test(`${how}: version and help`, t => {
    t.deepEqual(podman(how, '--version'), { status: 0, out: 'podman version 5.8.2\n', err: '' })
    for (const line of [['--help'], ['-h'], ['help']])
      t.is(podman(how, ...line).out.split('\n')[0], 'Manage pods, containers and images')
    const unknown = podman(how, 'help', 'bogus', 'more')
    t.deepEqual([unknown.status, unknown.out], [0, ''])
    t.regex(unknown.err, /^Unknown help topic \[`bogus` `more`\]\nUsage:\n[\s\S]*\n {2}ps .*\n/)
    t.regex(
      podman(how, 'run', '--help').out,
      /^Run a command in a new container\n\nDescription:\n[\s\S]*\nUsage:\n {2}podman run \[options\] IMAGE \[COMMAND \[ARG\.\.\.\]\]\n\nExamples:\n[\s\S]*\nOptions:\n {6}--add-host/,
    )
  })

  test(`${how}: what is not understood`, t => {
    const refused = (line: string) => {
      const { status, err } = podman(how, ...line.split(' '))
      return `${status} ${err}`
    }
    t.is(
      refused('nosuchthing'),
      "125 Error: unrecognized command `podman nosuchthing`\nTry 'podman --help' for more information\n",
    )
    t.is(
      refused('machine init --cpus 2'),
      '125 Error: `podman machine` is not available: containers run on this host itself, without a virtual machine\n',
    )
    t.regex(refused('system service'), /^125 Error: `podman system service` is not available: .*@libpod\/libpod\n$/)
    t.regex(refused('pss'), /Did you mean this\?\n(\t\w+\n)*\tps\n[\s\S]*\nTry 'podman --help'/)
    t.is(refused('ps --foo'), "125 Error: unknown flag: --foo\nSee 'podman ps --help'\n")
    t.is(refused('ps extra'), '125 Error: `podman ps` takes no arguments\n')
    t.is(refused('run'), '125 Error: requires at least 1 arg(s), only received 0\n')
    t.is(refused('container'), "125 Error: missing command 'podman container COMMAND'\n")
    t.regex(
      refused('ps --sort foo'),
      /invalid argument "foo" for "--sort" flag: "foo" is not a valid value\. {2}Choose from: "command, created, id, image, names, runningfor, size, status"\nSee 'podman ps --help'/,
    )
    t.regex(refused('--log-level bogus ps'), /^1 .*Log Level "bogus" is not supported/)
  })
}

test('the table of commands is that of the files', async t => {
  const written = readFileSync(join(import.meta.dirname, '../../src/commands/table.ts'), 'utf8')
  t.is(flat(written), flat(await tableText()))
})

/** The formatter breaks lines and drops trailing commas; the content counts. */
const flat = (text: string) =>
  text
    .replace(/\s+/g, '')
    .replace(/,([}\]])/g, '$1')
    .replaceAll('"', "'")

test('every command renders its help, and says what its options and arguments are as Podman does', async t => {
  const walk = async (commands: Table, path: string): Promise<void> => {
    for (const [name, row] of Object.entries(commands)) {
      const here = `${path} ${name}`
      if ('commands' in row) {
        t.regex(groupHelp(here, row), /\nAvailable Commands:\n/)
        await walk(row.commands, here)
        continue
      }
      const { command } = await row.load()
      const help = commandHelp(here, command)
      t.is(
        /\nOptions:\n/.test(help),
        command.usage.startsWith('[options]'),
        `${here}: [options] without options, or the other way round`,
      )
      t.notRegex(command.usage.replace(/^\[options\]/, ''), /[a-z]/, `${here}: argument names must be upper case`)
      t.false(command.summary.endsWith('.'), here)
    }
  }
  await walk(table, 'podman')
})

test('what was compiled for an earlier run is used, and what is damaged is made anew', t => {
  const copy = mkdtempSync(join(tmpdir(), 'program-'))
  t.teardown(() => rmSync(copy, { recursive: true }))
  cpSync(dirname(programs.bundle[1]), copy, { recursive: true })
  rmSync(join(copy, '.compile-cache'), { recursive: true, force: true })
  const help = () => spawnSync(process.execPath, ['--', join(copy, 'podman.js'), 'ps', '--help'], { encoding: 'utf8' })
  const first = help()
  const [file = ''] = globSync(join(copy, '.compile-cache/*/ps'))
  const whole = statSync(file).size
  t.is(help().stdout, first.stdout)
  for (const size of [0, 1, 100, whole - 100]) {
    truncateSync(file, size)
    const { status, stdout, stderr } = help()
    t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: first.stdout, stderr: '' })
    t.true(statSync(file).size > whole / 2)
  }
  const written = () => statSync(file, { bigint: true }).mtimeNs
  const mine = written()
  help()
  help()
  help() // nothing more to learn
  const learnt = written()
  t.not(learnt, mine)
  help()
  t.is(written(), learnt)
  const refused = () =>
    spawnSync(process.execPath, ['--', join(copy, 'podman.js'), 'ps', '--nosuch'], { encoding: 'utf8' })
  const refusal = refused() // of modules that the help does without
  t.is(refusal.status, 125)
  t.not(written(), learnt)
  t.is(refused().stderr, refusal.stderr)
  chownSync(file, 65_534, 65_534)
  help()
  t.is(statSync(file).uid, process.getuid?.() ?? -1) // what is another's is not run
})

test('the page for those who come from Docker names commands that there are', t => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/docker.md'), 'utf8')
  const named = [...page.matchAll(/`podman ((?:[a-z]+ ?)+)/g)].map(([, words = '']) => words.trim().split(' '))
  t.true(named.length > 30)
  for (const [first = '', second = ''] of named) {
    const row = (table as Table)[first]
    t.truthy(row, first)
    if (row && 'commands' in row) t.true(Object.hasOwn(row.commands, second), `${first} ${second}`)
  }
})

test('the bundle asks a registry over https through a proxy’s tunnel', async t => {
  const hosts = await namedHosts(t, {})
  const child = spawn(process.execPath, [...programs.bundle, 'search', '--list-tags', 'registry.example.com/a'], {
    env: { ...process.env, HTTPS_PROXY: hosts.proxy, NO_PROXY: '' },
    stdio: 'ignore',
  })
  await once(child, 'exit')
  t.true(hosts.asked.includes('CONNECT registry.example.com:443'), hosts.asked.join())
})
