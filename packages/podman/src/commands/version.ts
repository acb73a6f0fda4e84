import { noArguments } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { string } from '../cli/flag.ts'
import { isJson } from '../print/is-json.ts'

export const command = defineCommand({
  summary: 'Display the Podman version information',
  usage: '[options]',
  examples: ['{}', "{} --format '{{.Client.Version}}'"],
  userNamespace: 'none',
  flags: { format: string('Change the output format to JSON or a Go template', { short: 'f' }) },
  args: noArguments,
  templateFields: async () => (await import('../shapes/info.ts')).versionShape,
  async run({ flags }, io, engine) {
    const { system } = await engine()
    const version = system.version()
    if (isJson(flags.format)) io.out(`${JSON.stringify({ Client: version }, undefined, 2)}\n`)
    else if (flags.format !== undefined) {
      const { formatVersion } = await import('../print/version-format.ts')
      io.out(formatVersion(flags.format, version))
    } else {
      const lines = [
        ['Client:', 'libpod for TypeScript'],
        ['Version:', version.Version],
        ['API Version:', version.APIVersion],
        ['Go Version:', version.GoVersion],
        ['OS/Arch:', version.OsArch],
      ] as const
      io.out(lines.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join(''))
    }
    return 0
  },
})
