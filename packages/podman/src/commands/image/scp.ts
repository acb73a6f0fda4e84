import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { between } from '../../cli/arguments.ts'
import { defineCommand } from '../../cli/command.ts'
import { bool } from '../../cli/flag.ts'
import { UsageError } from '../../cli/usage-error.ts'
import { findAccount, runSelf } from '../../images/as-user.ts'
import { parseScp } from '../../images/scp.ts'

export const command = defineCommand({
  summary: 'Securely copy images',
  description: "Copies an image between the stores of this host's users.",
  usage: '[options] IMAGE [HOST::]',
  examples: ['{} root@localhost::myimage user@localhost::', '{} user@localhost::myimage'],
  userNamespace: 'none',
  flags: { quiet: bool('Suppress the output', { short: 'q' }) },
  args: between(1, 2),
  async run({ flags, args: [source = '', destination] }, io) {
    const { from, to } = parseScp(source, destination)
    const user = destination === undefined ? receiverOf(from.user) : to.user
    const [sender, receiver] = await Promise.all([accountOf(from.user), accountOf(user)])
    const globals = globalsBefore(process.argv.slice(2))
    // The archive is in a directory of whoever writes it, and handed on to who reads it.
    const directory = mkdtempSync(join(tmpdir(), 'podman-scp-'))
    try {
      const path = join(directory, 'image.tar')
      if (sender !== undefined) chownSync(directory, sender.uid, sender.gid)
      await runSelf(
        [...(sender ? [] : globals), 'save', '--quiet', '--format', 'oci-archive', '--output', path, from.image],
        sender,
      )
      const owner = receiver ?? { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
      if (process.geteuid?.() === 0) for (const each of [directory, path]) chownSync(each, owner.uid, owner.gid)
      const quiet = flags.quiet ? ['--quiet'] : []
      const loaded = await runSelf([...(receiver ? [] : globals), 'load', ...quiet, '--input', path], receiver)
      io.out(loaded)
      const name = loaded.trim().split(' ').at(-1) ?? ''
      if (to.image !== '') await runSelf([...(receiver ? [] : globals), 'tag', name, to.image], receiver)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    return 0
  },
})

/** Without a destination: root, and what is root's goes to whoever became root. @throws UsageError */
function receiverOf(sender: string | undefined): string | undefined {
  if (sender !== 'root' || process.geteuid?.() !== 0) return undefined
  const { SUDO_USER } = process.env
  if (SUDO_USER) return SUDO_USER
  throw new UsageError('$SUDO_USER must be defined to find the default rootless user')
}

/** Undefined for the user of this process. @throws UsageError */
async function accountOf(user: string | undefined) {
  if (user === undefined) return undefined
  const account = await findAccount(user)
  if (account.uid === process.geteuid?.()) return undefined
  if (process.geteuid?.() !== 0) throw new UsageError(`only root may copy images of another user (${user})`)
  return account
}

/** The global options that stood before the command: they say which store is this user's. */
const globalsBefore = (argv: readonly string[]): readonly string[] => argv.slice(0, argv.indexOf('image'))
