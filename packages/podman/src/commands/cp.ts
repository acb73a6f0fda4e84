import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { exactly } from '../cli/arguments.ts'
import { defineCommand } from '../cli/command.ts'
import { bool } from '../cli/flag.ts'
import { UsageError } from '../cli/usage-error.ts'
import { type CopyOptions, copyAcross, copyIn, copyOut, copyStreamIn, copyStreamOut } from '../cp/copy.ts'
import { parsePlace } from '../cp/place.ts'
import { tarFromInput } from '../cp/stdin.ts'
import { descriptorWriter } from '../streams/descriptor-writer.ts'

export const command = defineCommand({
  summary: 'Copy files/folders between a container and the local filesystem',
  description:
    'Copies files and directories into, out of and between containers; `-` stands for a tar on standard input or output.',
  usage: '[options] [CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH',
  examples: [
    '{} container:/file.txt .',
    '{} . ctrID:/workdir',
    '{} ctr1:/file ctr2:/dir',
    '{} - ctrID:/dir < archive.tar',
  ],
  flags: {
    archive: bool('Chown copied files to the primary uid/gid of the destination container.', {
      short: 'a',
      default: true,
    }),
    overwrite: bool('Allow to overwrite directories with non-directories and vice versa'),
    pause: bool('Pause the container while copying', { hidden: 'yes' }),
  },
  args: exactly(2),
  async run({ flags, args: [source = '', target = ''] }, _io, engine) {
    const [from, to] = [parsePlace(source), parsePlace(target)]
    const refuse = (why: string) => {
      throw new UsageError(`invalid arguments ${JSON.stringify(source)}, ${JSON.stringify(target)}: ${why}`)
    }
    if ([from, to].some(place => place.kind === 'container' && place.path === '')) refuse('you must specify paths')
    const options: CopyOptions = {
      owner: flags.archive ? 'container-user' : 'archive',
      otherKind: flags.overwrite ? 'replace' : 'refuse',
    }
    const { containers } = await engine()
    if (from.kind === 'container' && to.kind === 'container') await copyAcross(containers, [from, to], options)
    else if (from.kind === 'container' && to.kind === 'host') await copyOut(containers, [from, to], options)
    else if (from.kind === 'container')
      await pipeline(Readable.from(await copyStreamOut(containers, from), { objectMode: false }), descriptorWriter(1))
    else if (to.kind === 'container' && from.kind === 'host') await copyIn(containers, [from, to], options)
    else if (to.kind === 'container') await copyStreamIn(containers, await tarFromInput(process.stdin), to, options)
    else refuse('you must specify one container')
    return 0
  },
})
