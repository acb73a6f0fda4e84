const waiting = new Set<() => void>()

const wake = (): void => {
  for (const resume of [...waiting]) resume()
}

/** Waits until a child of this process ends, or for so many milliseconds: a worker thread is told of no signal. */
export async function childEnded(milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  if (waiting.size === 0) process.on('SIGCHLD', wake)
  waiting.add(resolve)
  await promise
  clearTimeout(timer)
  waiting.delete(resolve)
  if (waiting.size === 0) process.off('SIGCHLD', wake)
}
