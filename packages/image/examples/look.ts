// Looks at an image where it lies: what it is, which tags it has, one of its files. Nothing is pulled.
import { inspectImage, listTags, parseDockerReference, parseImageName, readImageFile } from '@libpod/image'

const name = process.env.IMAGE ?? 'registry.example.com/team/app:1'
const image = parseImageName(`docker://${name}`)
const { digest, os, architecture, layers, labels } = await inspectImage(image)
console.log(digest, `${os}/${architecture}`, `${layers.length} layers`, labels.stage)
console.log(await listTags(parseDockerReference(name)))
console.log(Buffer.from(await readImageFile(image, '/etc/os-release')).toString())
