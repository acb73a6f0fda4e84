import { readFileSync } from 'node:fs'
import test from 'ava'
import type { Flags } from '../../src/cli/flag.ts'
import { parseFlags } from '../../src/cli/parse.ts'
import { command as build } from '../../src/commands/build.ts'
import { command as create } from '../../src/commands/create.ts'
import { command as run } from '../../src/commands/run.ts'
import { globalFlags } from '../../src/global-flags.ts'

type Listed<Name extends string> = Readonly<Record<Name, readonly string[]>>

const listed = (file: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/podman-5.8.2/${file}`, import.meta.url), 'utf8'))

const options: Listed<'run' | 'create' | 'build'> = { ...listed('run-options.json'), ...listed('build-options.json') }

/** A value that an option takes, where `1` is none. */
const values: Readonly<Record<string, string>> = {
  attach: 'stdout',
  'env-file': '/dev/null',
  'label-file': '/dev/null',
  'retry-delay': '1s',
}

for (const [name, flags] of Object.entries({
  run: run.flags,
  create: create.flags,
  build: { ...globalFlags, ...build.flags },
}) as [keyof typeof options, Flags][])
  for (const option of options[name]) {
    const [, long = '', short, takes] = /^--([\w-]+)(?:,-(\w))?(=)?$/.exec(option) ?? []
    test(`${name}: ${option}`, t => {
      const spellings = [`--${long}`, ...(short ? [`-${short}`] : [])]
      for (const spelling of spellings) {
        const words = takes ? [spelling, values[long] ?? '1'] : [spelling]
        const parsed = parseFlags([...words, 'image'], flags, { flagsStand: 'before' })
        t.deepEqual(parsed.args, ['image'], `${spelling} takes ${takes ? 'a' : 'no'} value`)
      }
    })
  }
