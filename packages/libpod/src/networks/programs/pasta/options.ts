import type { PortMapping } from '../../../spec/network.ts'

/** Where the container's resolver asks, and pasta passes it on. */
export const forwardedDns = '169.254.1.1'

/** Pasta's own options, and what stands in for those that the user did not give (podman-run(1), --network pasta). Pure. */
export function pastaArguments(
  given: readonly string[],
  ports: readonly PortMapping[],
  netns: string,
): readonly string[] {
  const has = (...names: readonly string[]): boolean =>
    given.some(option => names.includes(option.split('=', 1)[0] ?? ''))
  const published = ports.flatMap(portArguments)
  const used = (flag: string): boolean => published.includes(flag)
  const none = (flag: string, long: string): readonly string[] => (used(flag) || has(flag, long) ? [] : [flag, 'none'])
  return [
    '--config-net',
    // Not an option of pasta's: it takes back the one that is given otherwise.
    ...given.filter(option => option !== '--map-gw'),
    ...published,
    ...none('-t', '--tcp-ports'),
    ...none('-u', '--udp-ports'),
    ...none('-T', '--tcp-ns'),
    ...none('-U', '--udp-ns'),
    ...(has('--map-gw', '--no-map-gw') ? [] : ['--no-map-gw']),
    ...(has('--dns-forward') ? [] : ['--dns-forward', forwardedDns]),
    ...['--quiet', '--netns', netns],
  ]
}

function portArguments({ protocol, hostIp, hostPort = 0, containerPort, range = 1 }: PortMapping): readonly string[] {
  const address = hostIp ? `${hostIp}/` : ''
  const span = (port: number): string => `${port}-${port + range - 1}`
  return [protocol === 'udp' ? '-u' : '-t', `${address}${span(hostPort)}:${span(containerPort)}`]
}

/** The name servers that resolv.conf gets first. Pure. */
export function pastaServers(given: readonly string[]): readonly string[] {
  const own = given.flatMap((option, at) => {
    if (option.startsWith('--dns-forward=')) return [option.slice('--dns-forward='.length)]
    return option === '--dns-forward' ? [given[at + 1] ?? ''] : []
  })
  return own.length > 0 ? own.filter(Boolean) : [forwardedDns]
}
