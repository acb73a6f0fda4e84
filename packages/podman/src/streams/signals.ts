/** Signals that a foreground container gets instead of us. SIGCHLD, SIGPIPE, SIGURG and SIGWINCH are ours. */
const passed: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGTERM',
  'SIGCONT',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGIO',
  'SIGPWR',
]

/** Hands every catchable signal to `deliver` (a name without SIG) until disposed. One that cannot be delivered is ours again. */
export function passSignals(deliver: (signal: string) => Promise<void>): Disposable {
  const onSignal = (name: NodeJS.Signals) => {
    deliver(name.slice(3)).catch(() => {
      stop()
      process.kill(process.pid, name)
    })
  }
  const stop = () => {
    for (const name of passed) process.off(name, onSignal)
  }
  for (const name of passed) process.on(name, onSignal)
  return { [Symbol.dispose]: stop }
}
