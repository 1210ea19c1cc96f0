import {
  membersOf,
  toClientEvent,
  type Json,
  type Room,
  type StoredEvent,
  type World,
} from './homeserver-world.ts'

/** The application service as the homeserver reaches it. Each answers an HTTP status, or throws. */
export type Appservice = {
  transaction(txnId: string, body: { readonly events: readonly Json[] }): Promise<number>
  userExists?(userId: string): Promise<boolean>
  aliasExists?(alias: string): Promise<boolean>
  ping?(): Promise<number>
}

type Transaction = { readonly txnId: number; readonly events: readonly StoredEvent[] }

export type Push = {
  readonly consider: (room: Room, event: StoredEvent) => void
  readonly pushOnce: () => Promise<'idle' | 'busy' | 'accepted' | 'refused'>
  readonly pending: () => number
  readonly restart: () => void
}

const largest = 100

/**
 * Synapse hands over events of rooms where the bot or a namespaced user is joined, that speak of
 * such a user, or that stand under a namespaced alias. Whoever is only invited receives nothing else.
 */
function isOfInterest(world: World, room: Room, event: StoredEvent): boolean {
  const isOurs = (userId: string): boolean => userId === world.bot || world.isOurs(userId)
  if (isOurs(event.sender)) return true
  if (event.type === 'm.room.member' && isOurs(event.state_key ?? '')) return true
  if (membersOf(room, 'join').some(isOurs)) return true
  return [...world.aliases].some(([alias, id]) => id === room.roomId && world.isOurAlias(alias))
}

/** Hands events to the application service as Synapse does: in order, one transaction at a time. */
export function createPush(world: World, appservice: () => Appservice | undefined): Push {
  /** Not in a transaction yet. */
  let fresh: StoredEvent[] = []
  /** Refused before, kept in the homeserver's database. */
  let stored: Transaction[] = []
  let counter = 0
  let isDown = false
  let isBusy = false

  const nextId = (): number => (counter += 1)

  const consider = (room: Room, event: StoredEvent): void => {
    if (!isOfInterest(world, room, event)) return
    // While the service counts as down, each event becomes a transaction of its own.
    if (isDown) stored.push({ txnId: nextId(), events: [event] })
    else fresh.push(event)
  }

  const takeFresh = (): Transaction | undefined => {
    if (fresh.length === 0) return undefined
    const events = fresh.slice(0, largest)
    fresh = fresh.slice(largest)
    return { txnId: nextId(), events }
  }

  /** Before an event about a ghost that nobody registered, the service is asked for that ghost. */
  const askForGhosts = async (
    service: Appservice,
    events: readonly StoredEvent[],
  ): Promise<void> => {
    for (const { type, state_key: userId } of events) {
      const isAsked = type === 'm.room.member' && userId !== undefined && world.isOurs(userId)
      if (isAsked && !world.users.has(userId)) await service.userExists?.(userId).catch(() => false)
    }
  }

  const deliver = async (service: Appservice, { txnId, events }: Transaction): Promise<boolean> => {
    await askForGhosts(service, events)
    // Read from the database at each try: what was redacted meanwhile arrives empty.
    const body = { events: events.map((event) => toClientEvent(event, world.clock.now())) }
    const status = await service.transaction(String(txnId), body).catch(() => 0)
    return status === 200
  }

  const pushNext = async (service: Appservice): Promise<'idle' | 'accepted' | 'refused'> => {
    const retried = stored[0]
    const transaction = retried ?? takeFresh()
    if (transaction === undefined) return 'idle'
    if (retried === undefined) stored.push(transaction)
    const isAccepted = await deliver(service, transaction)
    if (!isAccepted) {
      isDown = true
      stored.push(...fresh.map((event) => ({ txnId: nextId(), events: [event] })))
      fresh = []
      return 'refused'
    }
    stored = stored.filter((other) => other !== transaction)
    if (stored.length === 0) isDown = false
    return 'accepted'
  }

  return {
    consider,
    pending: () => fresh.length + stored.reduce((sum, { events }) => sum + events.length, 0),
    pushOnce: async () => {
      const service = appservice()
      if (service === undefined) return 'idle'
      if (isBusy) return 'busy'
      isBusy = true
      try {
        return await pushNext(service)
      } finally {
        isBusy = false
      }
    },
    restart: () => {
      // The counter continues from the largest stored id; of an empty table that is nothing.
      counter = Math.max(0, ...stored.map(({ txnId }) => txnId))
    },
  }
}
