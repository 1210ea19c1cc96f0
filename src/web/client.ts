import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Where a reverse proxy of ours may stand: this machine and private networks. */
const nearby = new BlockList()
nearby.addSubnet('127.0.0.0', 8, 'ipv4')
nearby.addSubnet('10.0.0.0', 8, 'ipv4')
nearby.addSubnet('172.16.0.0', 12, 'ipv4')
nearby.addSubnet('192.168.0.0', 16, 'ipv4')
nearby.addAddress('::1', 'ipv6')
nearby.addSubnet('fc00::', 7, 'ipv6')
nearby.addSubnet('fe80::', 10, 'ipv6')

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

function isNearby(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && nearby.check(address, version === 4 ? 'ipv4' : 'ipv6')
}

/** One household or server has a whole /64 of IPv6. */
function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const rest = tail === undefined ? [] : tail.split(':').filter((group) => group !== '')
  const zeros = tail === undefined ? [] : Array<string>(8 - groups.length - rest.length).fill('0')
  const network = [...groups, ...zeros, ...rest].slice(0, 4).map((group) => parseInt(group, 16))
  return network.map((group) => group.toString(16)).join(':')
}

/**
 * Whose request it is: the address that connected or, behind a proxy nearby, the one that this
 * proxy saw (the last of `X-Forwarded-For`). Undefined behind a proxy that does not say. Only to
 * share fairly by: nothing is permitted because of it.
 */
export function clientOf(
  remote: string | undefined,
  forwarded: string | readonly string[] | undefined,
): string | undefined {
  const peer = mapped.exec(remote ?? '')?.[1] ?? remote ?? ''
  if (!isNearby(peer)) return isIP(peer) === 0 ? undefined : networkOf(peer)
  const last = [forwarded ?? ''].flat().join(',').split(',').at(-1)?.trim() ?? ''
  const bare = mapped.exec(last)?.[1] ?? last.replace(/^\[(.*)\](?::\d+)?$/, '$1')
  return isIP(bare) === 0 ? undefined : networkOf(bare)
}

/** The same of a request; whoever cannot be told from others is `unknown`, all of them one. */
export const visitorOf = ({ socket, headers }: IncomingMessage): string =>
  clientOf(socket.remoteAddress, headers['x-forwarded-for']) ?? 'unknown'
