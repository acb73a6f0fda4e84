import { BlockList, isIP } from 'node:net'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that an address is reached through, or undefined: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not,
 * read as Go's programs read them. Loopback addresses never go through a proxy (golang.org/x/net/http/httpproxy).
 */
export function proxyFor(url: URL, env: Environment): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = read(env, name)
  if (proxy === '' || isExcepted(url, read(env, 'NO_PROXY'))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

const read = (env: Environment, name: string): string => env[name] || env[name.toLowerCase()] || ''

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

function isExcepted(url: URL, exceptions: string): boolean {
  const host = bare(url.hostname)
  if (isLoopback(host)) return true
  const port = url.port || defaultPorts[url.protocol] || ''
  const words = exceptions.split(',').map(word => word.trim().toLowerCase())
  return words.some(word => word === '*' || isMatch(word, host, port))
}

const bare = (host: string): string =>
  host
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** One word of NO_PROXY: an address, a range of addresses, or a domain with all below it; with a port or without. */
function isMatch(word: string, host: string, port: string): boolean {
  if (word === '') return false
  if (word.includes('/')) return isIP(host) !== 0 && inRange(host, word)
  const { name, wanted } = splitPort(word)
  if (wanted !== '' && wanted !== port) return false
  if (isIP(host) !== 0 || isIP(name) !== 0) return name === host
  const domain = name.replace(/^\*(?=\.)/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function splitPort(word: string): { readonly name: string; readonly wanted: string } {
  if (isIP(word) !== 0) return { name: word, wanted: '' }
  const at = word.lastIndexOf(':')
  return at < 0 ? { name: bare(word), wanted: '' } : { name: bare(word.slice(0, at)), wanted: word.slice(at + 1) }
}

function inRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/')
  const version = isIP(network)
  if (version === 0 || version !== isIP(host) || !/^[0-9]{1,3}$/.test(bits)) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  if (Number(bits) > (version === 4 ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family)
  return list.check(host, family)
}
