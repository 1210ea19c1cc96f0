/** Longest URL that is requested; ids of the fediverse are below 2,048 characters. */
const longestUrl = 4_096

/**
 * Ports of other protocols which a POST could be made to speak to (the Fetch standard's "bad
 * ports", those above 1023); below 1024 only the web's own ports pass.
 */
const otherProtocols = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
  6679, 6697, 10080,
])

export type UrlRules = {
  /** The URL to request, or why it is not requested. */
  check(url: string): URL | string
}

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80))

const badPort = (port: number): boolean =>
  port === 0 || (port < 1024 && port !== 80 && port !== 443) || otherProtocols.has(port)

/**
 * Which URLs may be requested at all: https, or http to the hosts of `allowHttp` (with a port:
 * that port only), without credentials, on a port where a web server may be. `allowHttp` is for
 * test networks, and a host and port named there is exempt from the port rule too.
 */
export function createUrlRules(allowHttp: readonly string[]): UrlRules {
  const plain = new Set(allowHttp.map((host) => host.trim().toLowerCase()))
  return {
    check(text) {
      if (text.length > longestUrl) return 'longer than 4096 characters'
      const url = URL.parse(text)
      if (url === null) return 'not an absolute URL'
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return `scheme ${url.protocol}`
      if (url.username !== '' || url.password !== '') return 'carries credentials'
      const port = portOf(url)
      const named = plain.has(`${url.hostname}:${String(port)}`)
      if (url.protocol === 'http:' && !named && !plain.has(url.hostname)) return 'not https'
      if (!named && badPort(port)) return `port ${String(port)}`
      return url
    },
  }
}
