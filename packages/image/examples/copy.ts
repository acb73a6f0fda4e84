// Makes an image in code, without root, and copies it into an archive that podman, skopeo and buildah read.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeImage, copyImage, insecureAcceptAnything, parseImageName, readImage } from '@libpod/image'

const directory = await mkdtemp(join(tmpdir(), 'image-example-'))
const image = composeImage({
  layers: [[{ path: 'etc/motd', content: 'hello\n' }]],
  config: { Cmd: ['/bin/cat', '/etc/motd'], Labels: { maintainer: 'dev@example.com' } },
})
const archive = parseImageName(`oci-archive:${join(directory, 'hello.tar')}:hello`)

const { digest } = await copyImage(image, archive, {
  policy: insecureAcceptAnything,
  signal: AbortSignal.timeout(30_000),
  onProgress: event => event.type === 'blob-done' && console.log(event.kind, event.size),
})
const { config } = await readImage(archive)
console.log(digest, JSON.parse(Buffer.from(config).toString()).config.Cmd.join(' '))
await rm(directory, { recursive: true })
