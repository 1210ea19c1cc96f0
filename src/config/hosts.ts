import { isIP } from 'node:net'

/**
 * Host names and addresses as they stand in the configuration. A name is compared as text: nothing
 * here asks a resolver.
 */

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const namePattern = new RegExp(`^${label}(?:\\.${label})*$`)

export type HostPort = { readonly host: string; readonly port?: number }

const isPort = (text: string): boolean => /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535

/** `host`, `host:port`, `1.2.3.4:80` or `[::1]:80`, lower case; undefined for anything else. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::([0-9]+))?$/.exec(text)
  const [, host, port] = match ?? []
  if (host === undefined || !isHost(host.replace(/^\[(.*)\]$/, '$1'))) return undefined
  if (port === undefined) return { host }
  return isPort(port) ? { host, port: Number(port) } : undefined
}

/** A host name in lower case ASCII (punycode for others) or an IP address without brackets. */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true
  // All digits and dots but no address: a mistyped one, which some resolvers would still accept.
  return text.length <= 253 && namePattern.test(text) && !/^[0-9.]+$/.test(text)
}

/** `10.0.0.0/8`, `fd00::/8` */
export function isCidr(text: string): boolean {
  const [address, bits, ...rest] = text.split('/')
  if (address === undefined || bits === undefined || rest.length > 0) return false
  const version = isIP(address)
  if (version === 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(bits)) return false
  return Number(bits) <= (version === 4 ? 32 : 128)
}

const testNames = /^[^.]+$|\.(?:localhost|test|example|invalid|local|internal|lan|home\.arpa)$/
const privateAddresses =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|\[?(?:::1\]?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:))/

/** True for hosts that nobody on the public internet can mean: reserved names, private addresses. */
export function isPrivateHost(host: string): boolean {
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return privateAddresses.test(host)
  return testNames.test(host)
}
