import { writeFile } from 'node:fs/promises'
import { generateSpec } from '../generate/generate.ts'
import { readSpec, writeSpec } from '../spec/text.ts'
import { generateHelp, parseOptions } from './options.ts'
import { planOf } from './plan.ts'

export async function generate(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args)
  if (values.help) {
    process.stdout.write(generateHelp)
    return 0
  }
  const text = writeSpec(generateSpec(await planOf(values, positionals)))
  const pretty = `${JSON.stringify(readSpec(text), null, 2)}\n`
  // Indenting goes through numbers again; limits that those cannot hold stay on one line.
  const output = text.includes('18446744073709551615') ? `${text}\n` : pretty
  if (values.output === undefined) process.stdout.write(output)
  else await writeFile(values.output, output)
  return 0
}
