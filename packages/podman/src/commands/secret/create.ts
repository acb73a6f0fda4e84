import { readFileSync, statSync } from 'node:fs'
import { exactly } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool, list, string } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { parseAssignments, parsePairs } from '../../options/pairs.ts'

export const command = defineCommand({
  summary: 'Create a new secret',
  description: 'Keeps the content of a file, of standard input (`-`) or of an environment variable as a secret.',
  usage: '[options] NAME FILE|-',
  examples: ['{} mysecret /path/to/secret', 'printf "secretdata" | {} mysecret -', '{} --env mysecret VARIABLE'],
  flags: {
    driver: string('Specify secret driver', { short: 'd', default: 'file' }),
    'driver-opts': list('Specify driver specific options'),
    env: bool('Read secret data from environment variable'),
    ignore: bool('If a secret with the same name exists, do nothing'),
    label: list('Specify labels on the secret', { short: 'l' }),
    replace: bool('If a secret with the same name exists, replace it'),
  },
  args: exactly(2),
  async run({ flags, args: [name = '', source = ''] }, io, engine) {
    if (flags.ignore && flags.replace) throw new UsageError('--ignore and --replace cannot be used together')
    const data = flags.env ? fromEnvironment(source, io.env) : await fromFile(source)
    const { secrets } = await engine()
    const id = await secrets.create(name, data, {
      driver: flags.driver,
      driverOptions: parseAssignments(flags['driver-opts'], text => `invalid option ${JSON.stringify(text)}`),
      labels: parsePairs(flags.label, 'label'),
      onNameConflict: flags.replace ? 'replace' : flags.ignore ? 'ignore' : 'refuse',
    })
    io.out(`${id}\n`)
    return 0
  },
})

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): Buffer {
  const value = env[name]
  if (value === undefined)
    throw new UsageError(`cannot create store secret data: environment variable ${name} is not set`)
  return Buffer.from(value)
}

function readFile(path: string): Buffer {
  if (statSync(path).isDirectory()) throw new UsageError(`reading secret data: read ${path}: is a directory`)
  return readFileSync(path)
}

async function fromFile(path: string): Promise<Buffer> {
  return path === '-' ? Buffer.concat(await Array.fromAsync(process.stdin as AsyncIterable<Buffer>)) : readFile(path)
}
