import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { readSpec } from '../spec/text.ts'
import { validateSpec } from '../spec/validate.ts'

const help = `Usage: oci-runtime-tool validate [FILE]

Says what is wrong with a runtime specification, one problem a line. FILE is config.json unless given; - is standard input.
`

export async function validate(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [file = 'config.json'] = positionals
  const problems = await validateSpec(readSpec(await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')))
  for (const { path, message } of problems) process.stdout.write(`${path || '/'}: ${message}\n`)
  return problems.length > 0 ? 1 : 0
}
