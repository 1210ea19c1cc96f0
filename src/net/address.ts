import { BlockList, isIP } from 'node:net'

/**
 * IANA's special-purpose registries (RFC 6890 and successors): what no public server has. 0/8 is
 * "this host" on Linux, 100.64/10 CGNAT, 169.254/16 holds the clouds' metadata services.
 */
const privateIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's metadata and DNS service stands on a public address.
  '168.63.129.16/32',
]

/**
 * Of IPv6 only global unicast can be public, so mapped, compatible, NAT64, unique local, link and
 * site local, multicast are out by not being in it; these are the exceptions inside of it: Teredo
 * and other protocol assignments, documentation, 6to4 (which embeds an IPv4 address).
 */
const globalUnicast = '2000::/3'
const privateIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

const family = (address: string): 'ipv4' | 'ipv6' | undefined => {
  const version = isIP(address)
  if (version === 0) return undefined
  return version === 4 ? 'ipv4' : 'ipv6'
}

function addRange(list: BlockList, range: string): boolean {
  const slash = range.indexOf('/')
  const network = slash === -1 ? range : range.slice(0, slash)
  const type = family(network)
  if (type === undefined) return false
  const bits = type === 'ipv4' ? 32 : 128
  const prefix = slash === -1 ? bits : Number(range.slice(slash + 1))
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) {
    throw new Error(`not an address range: ${range}`)
  }
  list.addSubnet(network, prefix, type)
  return true
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) addRange(list, range)
  return list
}

/** Whether a connection to that address, met under that host name, may be made. */
export type AddressGuard = (address: string, hostname: string) => boolean

/**
 * Refuses every address that is not public, except those that `allowPrivate` names: host names
 * (whatever they resolve to), addresses, and CIDR ranges. Throws on a range that is none.
 */
export function createAddressGuard(allowPrivate: readonly string[]): AddressGuard {
  const ipv4 = listOf(privateIpv4)
  const ipv6 = listOf(privateIpv6)
  const unicast = listOf([globalUnicast])
  const allowed = new BlockList()
  const hosts = new Set<string>()
  for (const entry of allowPrivate) {
    const name = entry.trim().toLowerCase()
    if (!addRange(allowed, name.replace(/^\[(.*)\]$/, '$1'))) hosts.add(name)
  }
  return (given, hostname) => {
    // A scope (`fe80::1%eth0`) is no part of the address.
    const [address = ''] = given.split('%', 1)
    const type = family(address)
    if (type === undefined) return false
    if (hosts.has(hostname.toLowerCase()) || allowed.check(address, type)) return true
    if (type === 'ipv4') return !ipv4.check(address, 'ipv4')
    return unicast.check(address, 'ipv6') && !ipv6.check(address, 'ipv6')
  }
}
