/** How many there may be at the same time, in all and of one host. */
export type Most = { readonly all: number; readonly ofHost: number }

export type AtOnce = {
  /** Undefined: there is no room. Otherwise call what it answers when the work is over. */
  readonly enter: (host: string) => (() => void) | undefined
}

/** Counts what is under way, by host. */
export function createAtOnce(most: Most): AtOnce {
  const hosts = new Map<string, number>()
  let all = 0
  const count = (host: string, change: 1 | -1): void => {
    all += change
    const left = (hosts.get(host) ?? 0) + change
    if (left === 0) hosts.delete(host)
    else hosts.set(host, left)
  }
  return {
    enter(host) {
      if (all >= most.all || (hosts.get(host) ?? 0) >= most.ofHost) return undefined
      count(host, 1)
      return () => count(host, -1)
    },
  }
}
