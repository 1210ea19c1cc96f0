import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'

type Family = Pick<LookupOptions, 'family' | 'hints'>

/** All addresses of a name; throws as the system does. */
export type Names = (
  hostname: string,
  family: Family,
) => readonly LookupAddress[] | Promise<readonly LookupAddress[]>

const askSystem: Names = (hostname, family) =>
  new Promise((resolve, reject) => {
    lookup(hostname, { ...family, all: true }, (error, found) => {
      if (error === null) resolve(found)
      else reject(error)
    })
  })

/** Milliseconds in which an answer is as good as new, and after which a former one is used. */
const fresh = 60_000
const patience = 1_000
/** Milliseconds for which a former answer is used while there is no new one. */
const longest = 86_400_000
const mostKept = 4_096
/** Questions that the system has not answered; further ones wait in line. */
const mostAsked = 32
/** Milliseconds in line: then whoever asked has given up. */
const longestInLine = 10_000

type Known = { readonly addresses: readonly LookupAddress[]; readonly at: number }

const tooMany = (hostname: string): Error =>
  Object.assign(new Error(`too many names are looked up to ask for ${hostname} now`), {
    code: 'EAI_AGAIN',
  })

const isForNow = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAI_AGAIN'

export type NamesOptions = {
  readonly ask?: Names
  readonly now?: () => number
  readonly longestInLine?: number
}

/** At most `mostAsked` at the same time; who is in line for too long goes away. */
function createLine(longest: number) {
  const line = new Set<() => void>()
  let running = 0
  const wait = async (hostname: string): Promise<void> => {
    const turn = Promise.withResolvers<undefined>()
    const go = (): void => turn.resolve(undefined)
    line.add(go)
    const timer = setTimeout(() => {
      line.delete(go)
      turn.reject(tooMany(hostname))
    }, longest)
    await turn.promise.finally(() => clearTimeout(timer))
  }
  return async <T>(hostname: string, work: () => Promise<T>): Promise<T> => {
    if (running >= mostAsked) await wait(hostname)
    else running += 1
    try {
      return await work()
    } finally {
      // Whoever is next takes this place.
      const [next] = line
      if (next === undefined) running -= 1
      else {
        line.delete(next)
        next()
      }
    }
  }
}

/**
 * Resolves as the machine does (/etc/hosts included), which asks about very few names at a time and
 * cannot be stopped. Whoever has names that nobody answers for must not keep us from servers that we
 * know: their addresses are kept, and questions that nobody waits for any more are not asked.
 */
export function createNames(options: NamesOptions = {}): Names {
  const { ask = askSystem, now = Date.now } = options
  const inLine = createLine(options.longestInLine ?? longestInLine)
  // A Map iterates in the order of insertion: the first was asked for longest ago.
  const known = new Map<string, Known>()
  const asked = new Map<string, Promise<readonly LookupAddress[]>>()

  const keep = (key: string, addresses: readonly LookupAddress[]): void => {
    known.delete(key)
    known.set(key, { addresses, at: now() })
    const [oldest] = known.keys()
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest)
  }
  const askOnce = (key: string, hostname: string, family: Family) => {
    const running = asked.get(key)
    if (running !== undefined) return running
    const asking = (async () => {
      try {
        const addresses = await inLine(hostname, async () => ask(hostname, family))
        keep(key, addresses)
        return addresses
      } finally {
        asked.delete(key)
      }
    })()
    asked.set(key, asking)
    return asking
  }
  return (hostname, family) => {
    const key = `${family.family ?? 0} ${family.hints ?? 0} ${hostname}`
    const former = known.get(key)
    const age = former === undefined ? Infinity : now() - former.at
    if (former !== undefined && age < fresh) return former.addresses
    const asking = askOnce(key, hostname, family)
    return former !== undefined && age < longest ? unlessLate(asking, former) : asking
  }
}

async function unlessLate(
  asking: Promise<readonly LookupAddress[]>,
  { addresses }: Known,
): Promise<readonly LookupAddress[]> {
  const late = Promise.withResolvers<readonly LookupAddress[]>()
  const timer = setTimeout(() => late.resolve(addresses), patience)
  try {
    return await Promise.race([asking, late.promise])
  } catch (error) {
    if (isForNow(error)) return addresses
    throw error
  } finally {
    clearTimeout(timer)
  }
}
