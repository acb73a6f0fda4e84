import { readFileSync } from 'node:fs'
import test from 'ava'
import type { Flags } from '../../src/cli/flag.ts'
import { parseFlags } from '../../src/cli/parse.ts'
import { command as build } from '../../src/commands/build.ts'
import { command as create } from '../../src/commands/create.ts'
import { command as kubeDown } from '../../src/commands/kube/down.ts'
import { command as kubeGenerate } from '../../src/commands/kube/generate.ts'
import { command as kubePlay } from '../../src/commands/kube/play.ts'
import { command as podClone } from '../../src/commands/pod/clone.ts'
import { command as podCreate } from '../../src/commands/pod/create.ts'
import { command as podLogs } from '../../src/commands/pod/logs.ts'
import { command as podStats } from '../../src/commands/pod/stats.ts'
import { command as run } from '../../src/commands/run.ts'
import { globalFlags } from '../../src/global-flags.ts'

type Listed<Name extends string> = Readonly<Record<Name, readonly string[]>>

const listed = (file: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/podman-5.8.2/${file}`, import.meta.url), 'utf8'))

type Name =
  | 'run'
  | 'create'
  | 'build'
  | 'pod create'
  | 'pod clone'
  | 'pod logs'
  | 'pod stats'
  | 'kube play'
  | 'kube down'
  | 'kube generate'

const files = ['run-options.json', 'build-options.json', 'pod-options.json', 'kube-options.json']
const options: Listed<Name> = Object.assign({}, ...files.map(listed))

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
  'pod create': podCreate.flags,
  'pod clone': podClone.flags,
  'pod logs': podLogs.flags,
  'pod stats': podStats.flags,
  'kube play': kubePlay.flags,
  'kube down': kubeDown.flags,
  'kube generate': kubeGenerate.flags,
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
