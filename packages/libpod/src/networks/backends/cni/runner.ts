import type { PluginRunner } from '@libpod/cni'
import { runProgram } from '../../../host/run-program.ts'

/**
 * Starts plugins as the engine starts all programs, behind the words of a launcher if there is one; the package's own way takes the
 * longer the more memory this process has.
 */
export const runnerBehind = (launcher: readonly string[]): PluginRunner => ({
  async run(path, { env, stdin }, call) {
    const [program = path, ...args] = [...launcher, path]
    const { exit, stdout, stderr } = await runProgram(program, { args, env, input: stdin, signal: call?.signal })
    if (exit === 'talkative' || exit === 'late') throw new Error(`${path} was killed: it is too ${exit}`)
    return { exit, stdout, stderr }
  },
})
