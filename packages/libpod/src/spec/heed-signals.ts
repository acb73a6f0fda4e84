type Method = (...args: readonly unknown[]) => unknown

/**
 * Makes every method of a service reject with the reason of its signal, whether that was aborted before it began, or while it
 * waited for something of Node's, which has an error of its own for that. Methods that take long look at the signal themselves;
 * the others are over in an instant.
 */
export function heedSignals<Service extends object>(service: Service): Service {
  const heeding = Object.entries(service).map(([name, method]) => [name, heed(method as Method)])
  return Object.fromEntries(heeding) as Service
}

function heed(method: Method): Method {
  // What yields rejects when it is first asked for something.
  if (Object.prototype.toString.call(method) === '[object AsyncGeneratorFunction]') return yielding(method)
  return (...args) => {
    const signal = signalOf(args.at(-1))
    if (!signal) return method(...args)
    if (signal.aborted) return Promise.reject(signal.reason)
    return Promise.resolve(method(...args)).catch(error => {
      throw reasonOf(error, signal)
    })
  }
}

const yielding = (method: Method): Method =>
  async function* (...args) {
    const signal = signalOf(args.at(-1))
    try {
      signal?.throwIfAborted()
      yield* method(...args) as AsyncGenerator
    } catch (error) {
      throw signal ? reasonOf(error, signal) : error
    }
  }

const reasonOf = (error: unknown, signal: AbortSignal): unknown =>
  signal.aborted && error instanceof Error && error.name === 'AbortError' ? signal.reason : error

const signalOf = (call: unknown): AbortSignal | undefined =>
  typeof call === 'object' && call !== null && 'signal' in call && call.signal instanceof AbortSignal
    ? call.signal
    : undefined
