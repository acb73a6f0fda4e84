import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { plainEnvironment } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import { busybox, type Cli, openCliWithBusybox } from './cli.ts'

interface Plugin {
  readonly socket: string
  /** The directory of each volume that it keeps. */
  readonly volumes: Map<string, string>
  /** Verb and volume of every request but those that only ask. */
  readonly asked: string[]
  readonly server: Server
}

/** A volume plugin that keeps directories. */
async function startPlugin(t: ExecutionContext, directory: string): Promise<Plugin> {
  const socket = join(directory, 'plugin.sock')
  const volumes = new Map<string, string>()
  const asked: string[] = []
  const answers: Readonly<Record<string, (name: string) => object>> = {
    Activate: () => ({ Implements: ['VolumeDriver'] }),
    List: () => ({ Volumes: [...volumes.keys()].map(Name => ({ Name })) }),
    Get: name => (volumes.has(name) ? { Volume: { Name: name } } : { Err: `no ${name} here` }),
    Create: name => {
      volumes.set(name, join(directory, 'kept', name))
      mkdirSync(join(directory, 'kept', name), { recursive: true })
      return {}
    },
    Remove: name => (volumes.delete(name) ? {} : { Err: `no ${name} here` }),
    Mount: name => ({ Mountpoint: volumes.get(name) }),
    Unmount: () => ({}),
  }
  const server = createServer(async (request, response) => {
    const { Name = '', Opts } = JSON.parse((await text(request)) || '{}')
    const verb = request.url?.split('.').at(-1) ?? ''
    if (!['Activate', 'List', 'Get'].includes(verb)) asked.push([verb, Name, ...Object.values(Opts ?? {})].join(' '))
    const answer = answers[verb]?.(Name) ?? { Err: 'unheard of' }
    response.writeHead('Err' in answer ? 500 : 200).end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  t.teardown(() => server.close())
  return { socket, volumes, asked, server }
}

const environment = (cli: Cli, plugins: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const conf = join(cli.directory, 'containers.conf')
  const lines = Object.entries(plugins).map(([name, socket]) => `${name} = "${socket}"\n`)
  writeFileSync(conf, `[engine.volume_plugins]\n${lines.join('')}`)
  return { ...plainEnvironment, CONTAINERS_CONF: conf }
}

test('volumes of a plugin: made, filled, shared and removed there; reload learns and forgets', async t => {
  const cli = await openCliWithBusybox(t, 'volume-plugin')
  const plugin = await startPlugin(t, cli.directory)
  const env = environment(cli, { keeper: plugin.socket })
  const podman = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await cli.run(args, { env })
    t.is(code, 0, `${args.join(' ')}: ${stderr}`)
    return stdout.trimEnd()
  }
  t.is(await podman('volume', 'create', '--driver', 'keeper', '--opt', 'color=red', 'one'), 'one')
  t.is(await podman('volume', 'inspect', '--format', '{{.Driver}} {{.Mountpoint}}|', 'one'), 'keeper |')
  const run = ['run', '--network', 'none', '--stop-timeout', '0', '--volume', 'one:/data']
  await podman(...run, '--rm', busybox, 'sh', '-c', 'echo kept >/data/file')
  t.is(readFileSync(join(cli.directory, 'kept/one/file'), 'utf8'), 'kept\n')
  for (const name of ['first', 'second']) await podman(...run, '--detach', '--name', name, busybox, 'sleep', '1000')
  t.is(await podman('exec', 'second', 'cat', '/data/file'), 'kept')
  t.is(await podman('volume', 'inspect', '--format', '{{.Mountpoint}}', 'one'), join(cli.directory, 'kept/one'))
  await podman('rm', '--force', '--time', '0', 'first', 'second')
  t.deepEqual(plugin.asked, ['Create one red', 'Mount one', 'Unmount one', 'Mount one', 'Unmount one'])
  await podman('volume', 'rm', 'one')
  t.deepEqual([...plugin.volumes.keys(), plugin.asked.at(-1)], ['Remove one'])

  mkdirSync(join(cli.directory, 'kept/found'), { recursive: true })
  plugin.volumes.set('found', join(cli.directory, 'kept/found'))
  plugin.volumes.set('used', join(cli.directory, 'kept/found'))
  await podman('volume', 'create', 'local')
  t.is(await podman('volume', 'reload'), 'Added:\nfound\nused')
  t.is(await podman('volume', 'reload'), '')
  await podman('create', '--name', 'user', '--volume', 'used:/data', busybox)
  plugin.volumes.clear()
  const reloaded = await cli.run(['volume', 'reload'], { env })
  t.deepEqual([reloaded.code, reloaded.stdout], [125, 'Removed:\nfound\n'])
  t.regex(
    reloaded.stderr,
    /^Error: volume was removed from the plugin "keeper" but containers still require it: volume /,
  )
  t.is(await podman('volume', 'ls', '--quiet'), 'local\nused')
  t.is(plugin.asked.at(-1), 'Remove one', 'a volume that is not there is not asked to go')
})

test('a plugin that is not there or refuses: its words, and volumes that it may still keep stay', async t => {
  const cli = await openCliWithBusybox(t, 'volume-plugin-gone')
  const plugin = await startPlugin(t, cli.directory)
  const env = environment(cli, { keeper: plugin.socket, file: join(cli.directory, 'containers.conf') })
  const refused = async (args: readonly string[], where = env): Promise<string> => {
    const { code, stderr } = await cli.run(args, { env: where })
    t.is(code, 125, args.join(' '))
    return stderr.trimEnd()
  }
  t.is(
    await refused(['volume', 'create', '--driver', 'other', 'x']),
    'Error: volume x uses volume plugin other but it could not be retrieved: no volume plugin with name other available: required plugin missing',
  )
  const file = `volume file path "${join(cli.directory, 'containers.conf')}" is not a unix socket`
  t.is(await refused(['volume', 'reload']), `Error: ${file}: target does not appear to be a valid plugin`)
  await cli.run(['volume', 'create', '--driver', 'keeper', 'one'], { env })
  plugin.volumes.clear()
  t.is(
    await refused(['volume', 'rm', 'one']),
    'Error: volume one could not be retrieved from plugin keeper, but it has been removed from Podman: on /VolumeDriver.Get on volume one in volume plugin keeper: no one here',
  )
  t.is(await cli.ok('volume', 'ls', '--quiet'), '')

  await cli.run(['volume', 'create', '--driver', 'keeper', 'two'], { env })
  plugin.server.close()
  rmSync(plugin.socket, { force: true })
  const gone = `cannot access plugin keeper socket "${plugin.socket}": stat ${plugin.socket}: no such file or directory`
  t.true((await refused(['volume', 'reload'])).split('\n').includes(`Error: ${gone}`))
  t.is(await cli.ok('volume', 'ls', '--quiet'), 'two')
  const run = ['run', '--rm', '--network', 'none', '--volume', 'two:/data', busybox, 'true']
  const words = await cli.run(run, { env: environment(cli, {}) })
  t.true(words.stderr.includes('volume plugin keeper (needed by volume two) missing: required plugin missing'))
  t.is(
    await refused(['volume', 'rm', 'two'], environment(cli, {})),
    'Error: cannot remove volume two from plugin keeper, but it has been removed from Podman: required plugin missing',
  )
  t.deepEqual(await cli.run(['volume', 'reload'], { env: environment(cli, {}) }), {
    code: 0,
    signal: null,
    stdout: '',
    stderr: '',
  })
})
