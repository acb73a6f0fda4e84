import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, startRegistry, tempDir } from '@libpod/test-kit'
import test, { type ExecutionContext } from 'ava'
import {
  copyImage,
  insecureAcceptAnything,
  inspectImage,
  mediaTypes,
  parseImageName,
  readImage,
  readImageConfig,
  readManifest,
} from '../../src/index.ts'
import { randomImage } from '../../src/testing/index.ts'
import { plainAccess } from '../support/registry.ts'

const policy = insecureAcceptAnything
const image = randomImage({ seed: 'of old', layers: 3 })

const skopeo = (...args: readonly string[]) =>
  output('skopeo', ['--insecure-policy', 'copy', '-q', '--src-tls-verify=false', '--dest-tls-verify=false', ...args])

async function place(t: ExecutionContext) {
  const { host } = await startRegistry(t, { schema1: 'taken' })
  const directory = await tempDir(t, 'schema1')
  return { host, directory, access: await plainAccess(directory) }
}

test('what we write as schema 1 is taken by docker-registry, and skopeo makes the same image of it', async t => {
  const { host, directory, access } = await place(t)
  const name = `docker://${host}/team/app:1`
  const to = parseImageName(name)
  const { digest, manifestType } = await copyImage(image, to, { policy, destination: access, format: 'v2s1' })
  t.is(manifestType, mediaTypes.dockerSchema1Signed)
  t.is((await readManifest(to, { access })).digest, digest)
  t.deepEqual((await inspectImage(to, { access })).labels, (await inspectImage(image)).labels)
  const theirs = `oci:${directory}/theirs:x`
  await skopeo('--format', 'oci', name, theirs)
  const [ours, made] = [await readImage(image), await readImage(parseImageName(theirs))]
  t.deepEqual(readImageConfig(made.config).diffIds, readImageConfig(ours.config).diffIds)
  t.deepEqual(
    made.layers.map(layer => layer.digest),
    ours.layers.map(layer => layer.digest),
  )
})

test('skopeo writes the same manifest: but for the signature, to the byte', async t => {
  const { host, directory, access } = await place(t)
  const docker = `dir:${directory}/docker`
  await copyImage(image, parseImageName(docker), { policy, format: 'v2s2' })
  await skopeo('--format', 'v2s1', docker, `docker://${host}/team/app:theirs`)
  const app = (tag: string) => parseImageName(`docker://${host}/team/app:${tag}`)
  const theirs = await readManifest(app('theirs'), { access })
  await copyImage(parseImageName(docker), app('theirs'), { policy, destination: access, format: 'v2s1' })
  const ours = await readManifest(app('theirs'), { access })
  t.is(ours.digest, theirs.digest)
  t.notDeepEqual(ours.bytes, theirs.bytes)
})

test('a schema 1 image stays one: as it is where its name is right, signed anew elsewhere', async t => {
  const { host, directory, access } = await place(t)
  const name = `docker://${host}/team/app:1`
  const options = { policy, source: access, destination: access }
  const { digest } = await copyImage(image, parseImageName(name), { ...options, format: 'v2s1' })
  const saved = parseImageName(`dir:${directory}/saved`)
  t.is((await copyImage(parseImageName(name), saved, options)).digest, digest)
  const files = await readdir(join(directory, 'saved'))
  t.deepEqual(JSON.parse(await readFile(join(directory, 'saved', 'manifest.json'), 'utf8')).name, 'team/app')
  const layers = (await readImage(image)).layers.map(layer => layer.digest.slice(7))
  for (const layer of layers) t.true(files.includes(layer))
  const elsewhere = parseImageName(`docker://${host}/other:2`)
  const moved = await copyImage(saved, elsewhere, options)
  t.is(moved.manifestType, mediaTypes.dockerSchema1Signed)
  t.not(moved.digest, digest)
  const { name: repository, tag } = JSON.parse(Buffer.from(moved.manifest).toString()) as { name: string; tag: string }
  t.deepEqual([repository, tag], ['other', '2'])
  await skopeo(`docker://${host}/other:2`, `oci:${directory}/again:x`)
  await t.throwsAsync(copyImage(saved, elsewhere, { ...options, preserveDigests: 'yes' }), { code: 'COPY_UNSUPPORTED' })
})

test('places that hold no schema 1 are not given any', async t => {
  const to = parseImageName(`oci:${await tempDir(t)}/x:1`)
  await t.throwsAsync(copyImage(image, to, { policy, format: 'v2s1' }), {
    code: 'COPY_UNSUPPORTED',
    message: 'the destination does not take schema 1 manifests',
  })
})
