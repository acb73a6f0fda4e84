import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'

const images = 100
const layersEach = 10

const hex = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A file as a member of a tar (POSIX ustar). */
function member(name: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100)
  header.write(`${content.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0${' '.repeat(8)}0`, 124)
  header.write('ustar\u000000', 257)
  const sum = header.reduce((total, byte) => total + byte)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

const end = Buffer.alloc(1024)

/** A docker-archive of a hundred images of ten small layers, none shared; returns its path. */
export function makeManyImages(path: string): string {
  const file = openSync(path, 'w')
  const entries = [...Array(images).keys()].map(image => {
    const layers = [...Array(layersEach).keys()].map(layer =>
      Buffer.concat([member(`f${layer}`, Buffer.from(`${image}`)), end]),
    )
    const rootfs = { type: 'layers', diff_ids: layers.map(layer => `sha256:${hex(layer)}`) }
    const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs }))
    const named = [config, ...layers].map((content, at) => ({
      name: `${hex(content)}.${at === 0 ? 'json' : 'tar'}`,
      content,
    }))
    for (const { name, content } of named) writeSync(file, member(name, content))
    const [Config, ...Layers] = named.map(({ name }) => name)
    return { Config, RepoTags: [`localhost/many:${image}`], Layers }
  })
  writeSync(file, member('manifest.json', Buffer.from(JSON.stringify(entries))))
  writeSync(file, end)
  closeSync(file)
  return path
}
