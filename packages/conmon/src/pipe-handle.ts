/** libuv's handle of a pipe or unix socket, as Node's own net module makes it. */
interface PipeHandle {
  open(fd: number): number
}
interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle
  readonly constants: { readonly SOCKET: number }
}

/**
 * Wraps a connected SOCK_SEQPACKET descriptor for `net.Socket`. `new Socket({ fd })` refuses it, since libuv does not name this kind of
 * socket, though it reads and writes it well: each read callback brings one record, each write sends one.
 */
export function seqpacketHandle(fd: number): object {
  const { binding } = process as unknown as { binding(name: 'pipe_wrap'): PipeBinding }
  const { Pipe, constants } = binding('pipe_wrap')
  const handle = new Pipe(constants.SOCKET)
  const failure = handle.open(fd)
  if (failure < 0) throw new Error(`libuv refuses the socket (${failure})`)
  return handle
}
