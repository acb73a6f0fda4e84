import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busyboxTar, output, plainEnvironment, run } from '@libpod/test-kit'
import test from 'ava'
import { busybox, type Cli, openCliWithBusybox, peerGlobals } from './cli.ts'

const lanes = 4
const operations = 200

type Tool = (...args: string[]) => Promise<string>

/** Every program that changes the store. */
interface Tools {
  readonly ours: Tool
  readonly theirs: Tool
  readonly buildah: Tool
  readonly skopeo: Tool
}

async function tools(cli: Cli): Promise<Tools> {
  const config = join(cli.directory, 'containers.conf')
  await writeFile(config, '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
  const env = { ...plainEnvironment, CONTAINERS_CONF: config, BUILDAH_ISOLATION: 'chroot' }
  const store = ['--root', cli.root, '--runroot', join(cli.directory, 'run'), '--storage-driver', 'overlay']
  const timeout = 180_000
  const program = (name: string, globals: readonly string[]): Tool => {
    return async (...args) => (await output(name, [...globals, ...args], { env, timeout })).trim()
  }
  return {
    ours: async (...args) => {
      const { code, stdout, stderr } = await cli.run(args, { timeout })
      if (code !== 0) throw new Error(`ours: podman ${args.join(' ')} ended with ${code}: ${stderr || stdout}`)
      return stdout.trim()
    },
    theirs: program('podman', peerGlobals(cli)),
    buildah: program('buildah', store),
    skopeo: program('skopeo', ['--insecure-policy']),
  }
}

/** One worker: a sequence of operations on images and containers of its own names, over layers that all share. */
class Lane {
  readonly #tools: Tools
  readonly #name: string
  readonly #files: { readonly tar: string; readonly oci: string }
  readonly #images: string[] = []
  #made = 0
  done = 0

  constructor(tools: Tools, name: string, files: { readonly tar: string; readonly oci: string }) {
    this.#tools = tools
    this.#name = name
    this.#files = files
  }

  async work(count: number): Promise<void> {
    const verbs = [this.import, this.run, this.commit, this.tag, this.pull, this.build, this.run, this.rmi] as const
    for (let round = 0; this.done < count; round++) {
      // Each verb by turns with either engine.
      const turn = Math.floor(round / verbs.length) + round
      const engine = turn % 2 === 0 ? this.#tools.ours : this.#tools.theirs
      await verbs[round % verbs.length]?.call(this, engine)
    }
  }

  async import(engine: Tool): Promise<void> {
    const { tar } = this.#files
    await this.#count(
      engine('import', '--quiet', '--change', `LABEL made=${this.#name}${this.#made}`, tar, this.#new()),
    )
  }

  async run(engine: Tool): Promise<void> {
    await this.#count(engine('run', '--rm', '--network', 'none', this.#images.at(-1) ?? busybox, 'true'))
  }

  async commit(engine: Tool): Promise<void> {
    const container = `${this.#name}c${this.#made}`
    const command = ['sh', '-c', `echo ${container} >/written; rm /etc/os-release`]
    await this.#count(engine('run', '--name', container, '--network', 'none', busybox, ...command))
    await this.#count(engine('commit', '--quiet', container, this.#new()))
    await this.#count(engine('rm', container))
  }

  async tag(engine: Tool): Promise<void> {
    const name = this.#images.at(-1)
    if (name) await this.#count(engine('tag', name, this.#new()))
  }

  async pull(engine: Tool): Promise<void> {
    const [{ ours, skopeo }, { oci }] = [this.#tools, this.#files]
    if (engine !== ours) {
      const place = await this.#tools.theirs('info', '--format', '{{.Store.GraphRoot}}+{{.Store.RunRoot}}')
      await this.#count(skopeo('copy', '--quiet', oci, `containers-storage:[overlay@${place}]${this.#new()}`))
      return
    }
    await this.#count(ours('pull', '--quiet', oci))
  }

  async build(): Promise<void> {
    const { buildah } = this.#tools
    const working = await this.#count(buildah('from', busybox))
    await this.#count(buildah('run', working, 'sh', '-c', `echo ${working} >/built`))
    await this.#count(buildah('commit', '--quiet', working, this.#new()))
    await this.#count(buildah('rm', working))
  }

  async rmi(engine: Tool): Promise<void> {
    const name = this.#images.shift()
    if (name) await this.#count(engine('rmi', name))
  }

  async #count<T>(operation: Promise<T>): Promise<T> {
    this.done++
    return await operation
  }

  #new(): string {
    const name = `localhost/${this.#name}:${this.#made++}`
    this.#images.push(name)
    return name
  }
}

test(`${operations} operations of ours, Podman, Buildah and Skopeo on one store, ${lanes} at a time: nothing is lost`, async t => {
  t.timeout(900_000)
  const cli = await openCliWithBusybox(t, 'mixed')
  const all = await tools(cli)
  // Keeps Podman from mounting the store's directory over itself while something else is mounted in it.
  await all.ours('image', 'mount', busybox)
  const tar = await busyboxTar(join(cli.directory, 'import'))
  const workers: Lane[] = []
  for (let lane = 0; lane < lanes; lane++) {
    const name = `lane${lane}`
    const oci = `oci:${join(cli.directory, name)}:${name}`
    await all.ours('import', '--quiet', '--change', `LABEL lane=${name}`, tar, `localhost/seed:${name}`)
    await all.ours('push', '--quiet', `localhost/seed:${name}`, oci)
    await all.ours('rmi', `localhost/seed:${name}`)
    workers.push(new Lane(all, name, { tar, oci }))
  }
  await Promise.all(workers.map(worker => worker.work(operations / lanes)))
  t.true(workers.reduce((sum, worker) => sum + worker.done, 0) >= operations)

  t.is(await all.ours('system', 'check', '--max', '0s'), '')
  // Podman has it from version 5.1 on.
  if (/^ +check /m.test((await run('podman', ['system', '--help'])).stdout)) {
    const { stdout } = await run('podman', [...peerGlobals(cli), 'system', 'check'])
    // The directory for half-done work is one of later versions: those before 5.6 take it for a layer.
    t.deepEqual(stdout.match(/^\t\* .*/gm)?.filter(told => !told.startsWith('\t* layer tempdirs: ')) ?? [], [])
  }
  t.is(await all.ours('ps', '--all', '--quiet', '--external'), '')
  const images = [...new Set((await all.ours('images', '--quiet', '--no-trunc')).split('\n'))]
  t.true(images.length > lanes)
  const seen = [...new Set((await all.theirs('images', '--quiet', '--no-trunc')).split('\n'))]
  t.deepEqual(seen.sort(), images.toSorted())
  for (const [index, image] of images.entries()) {
    const engine = index % 2 === 0 ? all.ours : all.theirs
    t.is(await engine('run', '--rm', '--network', 'none', image, 'echo', 'runs'), 'runs')
  }
  await all.ours('image', 'unmount', busybox)
  await all.theirs('rmi', '--all', '--force')
  t.is(await all.ours('system', 'check', '--max', '0s'), '')
})
