/** Kinds of content by their first bytes, as browsers and Go's net/http tell them (WHATWG mimesniff). */
const signatures: readonly (readonly [string, string])[] = [
  ['%PDF-', 'application/pdf'],
  ['%!PS-Adobe-', 'application/postscript'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['\xff\xd8\xff', 'image/jpeg'],
  ['GIF87a', 'image/gif'],
  ['GIF89a', 'image/gif'],
  ['BM', 'image/bmp'],
  ['\x1f\x8b\x08', 'application/x-gzip'],
  ['PK\x03\x04', 'application/zip'],
  ['Rar!\x1a\x07\x00', 'application/x-rar-compressed'],
  ['\x00asm', 'application/wasm'],
  ['OggS\x00', 'application/ogg'],
  ['ID3', 'audio/mpeg'],
  ['\x00\x01\x00\x00', 'font/ttf'],
  ['OTTO', 'font/otf'],
  ['wOFF', 'font/woff'],
  ['wOF2', 'font/woff2'],
]
const markup = [
  '<!doctype html',
  '<html',
  '<head',
  '<script',
  '<iframe',
  '<h1',
  '<div',
  '<body',
  '<title',
  '<p',
  '<!--',
]
const utf8 = '; charset=utf-8'

/** How many bytes of a file say what it is. */
export const sniffedBytes = 512

/** The media type of a file's content by its first {@link sniffedBytes}; never fails: what is nothing else is bytes. */
export function sniffContentType(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, sniffedBytes)).toString('latin1')
  const known = signatures.find(([start]) => text.startsWith(start))
  if (known !== undefined) return known[1]
  const start = text.trimStart().toLowerCase()
  if (markup.some(tag => start.startsWith(tag) && /^[ >]/.test(start.slice(tag.length) || '>')))
    return `text/html${utf8}`
  if (start.startsWith('<?xml')) return `text/xml${utf8}`
  return hasBinary(text) ? 'application/octet-stream' : `text/plain${utf8}`
}

const hasBinary = (text: string): boolean => /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/.test(text)

const byEnding: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  css: 'text/css',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  mjs: 'text/javascript',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webp: 'image/webp',
  xml: 'text/xml',
}

/** The media type that a file's name stands for; undefined when its ending says nothing. */
export function contentTypeOfName(name: string): string | undefined {
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : ''
  return Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined
}
