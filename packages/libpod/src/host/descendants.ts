import { readdirSync, readFileSync } from 'node:fs'

/** A process and all that came from it and still has its parent, parents first; nothing when it is gone. */
export function withDescendants(pid: number): readonly number[] {
  const threads = threadsOf(pid)
  return threads.length === 0
    ? []
    : [pid, ...threads.flatMap(thread => childrenOf(pid, thread)).flatMap(withDescendants)]
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** A child is listed with the thread that made it. */
function childrenOf(pid: number, thread: string): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
