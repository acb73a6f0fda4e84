import { UsageError } from '../cli/usage-error.ts'

/** One end of `podman image scp`: a store of this host, of this user unless another is named. */
export interface ScpEnd {
  readonly user?: string
  /** The image to send, or the name it shall get; '' when there is none. */
  readonly image: string
}

/** `IMAGE`, `USER@localhost::[IMAGE]`; other hosts are refused. @throws UsageError */
export function parseScpEnd(text: string): ScpEnd {
  const at = text.indexOf('::')
  if (at < 0) return { image: text }
  const [where, image] = [text.slice(0, at), text.slice(at + 2)]
  const user = /^([^@]+)@localhost$/.exec(where)?.[1]
  if (user === undefined)
    throw new UsageError(
      `${text}: only stores of this host (USER@localhost::IMAGE) can be copied between, not other hosts'`,
    )
  return { user, image }
}

/** Both ends of a copy; what is to be sent must be named. @throws UsageError */
export function parseScp(source: string, destination: string | undefined): { from: ScpEnd; to: ScpEnd } {
  const from = parseScpEnd(source)
  if (from.image === '') throw new UsageError('no source image specified: invalid argument')
  if (destination === undefined && from.user === undefined)
    throw new UsageError('must specify a destination: invalid argument')
  return { from, to: destination === undefined ? { image: '' } : parseScpEnd(destination) }
}
