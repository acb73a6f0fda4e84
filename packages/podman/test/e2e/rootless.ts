import { busyboxTar, type Outcome, type PlainUser, type PlainUserOptions, plainUser } from '@libpod/test-kit'
import type { ExecutionContext } from 'ava'

/** The command line as a plain user runs it. */
export interface RootlessCli {
  readonly user: PlainUser
  /** The program; the peer's is just `podman`. */
  readonly argv: readonly string[]
  run(...args: readonly string[]): Promise<Outcome>
  /** Must succeed, without a word of complaint; gives the output without the last newline. */
  ok(...args: readonly string[]): Promise<string>
  /** The same of any program, such as the peer. */
  okOf(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
}

export async function openRootless(t: ExecutionContext, options: PlainUserOptions = {}): Promise<RootlessCli> {
  t.timeout(240_000)
  const user = await plainUser(t, options)
  const bundle = `${user.repository}/packages/podman/dist/podman.js`
  const argv = [user.node, '--disable-warning=ExperimentalWarning', '--', bundle]
  const okOf = async (line: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout, stderr } = await user.run(line, { env, timeout: 120_000 })
    if (code !== 0) throw new Error(`${line.slice(-6).join(' ')} ended with ${code}: ${stderr || stdout}`)
    return stdout.replace(/\n$/, '')
  }
  return {
    user,
    argv,
    run: (...args) => user.run([...argv, ...args], { timeout: 120_000 }),
    ok: (...args) => okOf([...argv, ...args]),
    okOf,
  }
}

export const busybox = 'localhost/busybox:latest'

/** The same with a busybox image in the user's store. */
export async function openRootlessWithBusybox(t: ExecutionContext): Promise<RootlessCli> {
  const cli = await openRootless(t)
  const tar = await busyboxTar(cli.user.directory)
  await cli.ok('import', '--quiet', '--change', 'ENV PATH=/bin', '--change', 'CMD ["/bin/sh"]', tar, busybox)
  return cli
}

/** An image and a command in it that serves one word on port 80. */
export const serving = (word: string): readonly string[] => [
  ...[busybox, 'sh', '-c', `mkdir /srv; echo ${word} > /srv/word; exec httpd -f -p 80 -h /srv`],
]

/** What a server of {@link serving} at an address of the host says, as soon as it listens. */
export const fetchWord = ({ okOf }: RootlessCli, address: string): Promise<string> => {
  const patience = ['--max-time', '5', '--retry', '20', '--retry-all-errors', '--retry-delay', '1']
  return okOf(['curl', '--silent', ...patience, `http://${address}/word`])
}
