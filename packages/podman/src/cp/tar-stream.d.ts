/** The part of tar-stream that copying uses. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream'

  export interface Headers {
    name: string
    mode?: number
    uid?: number
    gid?: number
    size?: number
    mtime?: Date
    linkname?: string | null
    type?:
      | 'file'
      | 'link'
      | 'symlink'
      | 'character-device'
      | 'block-device'
      | 'directory'
      | 'fifo'
      | 'contiguous-file'
      | string
      | null
    devmajor?: number
    devminor?: number
    pax?: Record<string, string> | null
  }
  export interface Entry extends Readable {
    readonly header: Headers
  }
  export interface Pack extends AsyncIterable<Uint8Array> {
    entry(header: Headers, callback?: (error?: Error | null) => void): Writable
    entry(header: Headers, content: Uint8Array | string, callback?: (error?: Error | null) => void): Writable
    finalize(): void
    destroy(error?: Error): void
  }
  export interface Extract extends AsyncIterable<Entry> {
    write(bytes: Uint8Array): boolean
    end(): void
    destroy(error?: Error): void
    on(event: 'drain' | 'close', listener: () => void): void
    off(event: 'drain' | 'close', listener: () => void): void
  }
  export function pack(): Pack
  export function extract(): Extract
}
