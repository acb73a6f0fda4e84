import { atMost } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { defined } from '../../cli/defined.ts'
import { bool, list, string, uint } from '../../cli/flag.ts'
import { parsePairs } from '../../options/pairs.ts'

export const command = defineCommand({
  summary: 'Create a new volume',
  description: 'Makes a directory that containers can share; a random name is invented when none is given.',
  usage: '[options] [NAME]',
  examples: [
    '{} myvol',
    '{}',
    '{} --label foo=bar myvol',
    '{} --driver image --opt image=fedora:latest fedoraVol',
    '{} --opt type=tmpfs --opt device=tmpfs --opt o=nodev myvol',
  ],
  flags: {
    driver: string('Specify volume driver name', { short: 'd', default: 'local' }),
    gid: uint('Set the GID of the volume owner'),
    ignore: bool("Don't fail if volume already exists"),
    label: list('Set metadata for a volume', { short: 'l' }),
    opt: list('Set driver specific options', { short: 'o' }),
    uid: uint('Set the UID of the volume owner'),
  },
  args: atMost(1),
  async run({ flags, args: [name] }, io, engine) {
    const { volumes } = await engine()
    const options = parsePairs(flags.opt, 'option') // `copy` and the like stand alone
    const volume = await volumes.create({
      ...defined({ name, uid: flags.uid, gid: flags.gid }),
      driver: flags.driver,
      labels: parsePairs(flags.label, 'label'),
      options,
      onNameConflict: flags.ignore ? 'ignore' : 'refuse',
    })
    io.out(`${volume.name}\n`)
    return 0
  },
})
