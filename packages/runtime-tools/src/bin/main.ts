import { generate } from './generate.ts'
import { validate } from './validate.ts'

const help = `Usage: oci-runtime-tool COMMAND [OPTIONS]

Commands:
  generate   write a config.json for a root file system
  validate   say what is wrong with a config.json

Run 'oci-runtime-tool COMMAND --help' for the options.
`

const commands = { generate, validate } as const

/** The program: its arguments in, its exit status out (0 well, 1 invalid spec, 2 wrong usage or failure). */
export async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '' || name === 'help' || name === '--help' || name === '-h') {
    process.stdout.write(help)
    return name === '' ? 2 : 0
  }
  if (name !== 'generate' && name !== 'validate') return fail(`unknown command "${name}"`)
  try {
    return await commands[name](rest)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

function fail(message: string): number {
  process.stderr.write(`oci-runtime-tool: ${message}\n`)
  return 2
}
