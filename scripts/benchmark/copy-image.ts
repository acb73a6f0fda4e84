/** Copies an image as a program that uses the library would. Usage: copy-image.ts FROM TO */
import { copyImage, insecureAcceptAnything, parseImageName } from '@libpod/image'

const [from = '', to = ''] = process.argv.slice(2)
await copyImage(parseImageName(from), parseImageName(to), { policy: insecureAcceptAnything })
