import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'

/** A directory of plugins that are shell scripts, and where they write what they were given. */
export interface FakePlugins {
  readonly directory: string
  readonly options: { readonly pluginDirs: readonly string[]; readonly cacheDir: string }
  /** Adds a plugin. `$OUT` is the directory; the input is in `$OUT/<type>.<command>.stdin`, the environment beside it. */
  plugin(type: string, script: string): Promise<void>
  /** What a plugin read at its last call of a command. */
  input(type: string, command: string): Promise<Record<string, unknown>>
  environment(type: string, command: string): Promise<Readonly<Record<string, string>>>
  /** `type.COMMAND` of each call, in order. */
  calls(): Promise<readonly string[]>
}

export async function fakePlugins(t: ExecutionContext): Promise<FakePlugins> {
  const directory = await mkdtemp(join(tmpdir(), 'cni-fake-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const read = (name: string) => readFile(join(directory, name), 'utf8')
  return {
    directory,
    options: { pluginDirs: [directory], cacheDir: join(directory, 'cache') },
    async plugin(type, script) {
      const record = [
        `OUT=${directory}`,
        `cat > $OUT/${type}.$CNI_COMMAND.stdin`,
        `env > $OUT/${type}.$CNI_COMMAND.env`,
        `echo ${type}.$CNI_COMMAND >> $OUT/calls`,
      ]
      const path = join(directory, type)
      await writeFile(path, ['#!/bin/sh', ...record, script].join('\n'))
      await chmod(path, 0o755)
    },
    async input(type, command) {
      return JSON.parse(await read(`${type}.${command}.stdin`))
    },
    async environment(type, command) {
      const lines = (await read(`${type}.${command}.env`)).trim().split('\n')
      return Object.fromEntries(
        lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
    },
    async calls() {
      return (await read('calls').catch(() => '')).trim().split('\n')
    },
  }
}

/** A script that answers ADD with a result, and nothing else with anything. */
export const answers = (result: object) => `[ "$CNI_COMMAND" = ADD ] && echo '${JSON.stringify(result)}'; exit 0`
