type Method = (...args: readonly unknown[]) => unknown

/**
 * Makes every method of a service reject with the reason of a signal that was aborted before it began. Methods that take long
 * look at the signal themselves after that; the others are over in an instant.
 */
export function heedSignals<Service extends object>(service: Service): Service {
  const heeding = Object.entries(service).map(([name, method]) => [name, heed(method as Method)])
  return Object.fromEntries(heeding) as Service
}

function heed(method: Method): Method {
  // What yields rejects when it is first asked for something.
  if (Object.prototype.toString.call(method) === '[object AsyncGeneratorFunction]') return method
  return (...args) => {
    const signal = signalOf(args.at(-1))
    return signal?.aborted ? Promise.reject(signal.reason) : method(...args)
  }
}

const signalOf = (call: unknown): AbortSignal | undefined =>
  typeof call === 'object' && call !== null && 'signal' in call && call.signal instanceof AbortSignal
    ? call.signal
    : undefined
