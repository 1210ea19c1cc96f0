import { asEventId, asUserId, type EventId, type RoomId, type UserId } from '../../src/model/ids.ts'
import type { Account, Delivery, Document, Sent } from '../fakes/fediverse.ts'
import { createChance } from '../simulation/chance.ts'
import { createWorld, bot, serverName, type World, type WorldOptions } from '../simulation/world.ts'
import { calm, type Weather } from '../simulation/weather.ts'
import type { FakeUser } from '../fakes/homeserver.ts'

export { bot, publicUrl } from '../simulation/world.ts'

type Json = Readonly<Record<string, unknown>>

/** A new post as a server gets it. */
export type Created = {
  readonly id: string
  readonly object: {
    readonly id: string
    readonly context: string
    readonly attachment: readonly { url: string }[]
  }
}

/** One line of a room as people see it. */
export type Line = {
  readonly eventId: EventId
  readonly sender: string
  readonly type: string
  readonly content: Json
  readonly ts: number
}

/** The whole bridge in good weather, with what tests need to say and to see. */
export type Flow = World & {
  user(localpart: string): FakeUser
  /** Lets everything happen that happens within some seconds. */
  quiet(): Promise<void>
  minutes(count: number): Promise<void>
  hours(count: number): Promise<void>
  /** Their chat with the bot, made when it is not there yet. */
  chat(user: FakeUser): Promise<RoomId>
  /** Types a line in that chat, or in that room; what the bot answered. */
  command(user: FakeUser, line: string, room?: RoomId): Promise<readonly string[]>
  /** Brings an activity to the bridge, and lets it take effect. */
  tell(...sent: readonly Sent[]): Promise<void>
  /** Messages (not state) in a room, redacted ones without content. */
  messages(roomId: RoomId): readonly Line[]
  bodies(roomId: RoomId): readonly string[]
  /** Event of the message with exactly that text. */
  eventOf(roomId: RoomId, body: string): EventId
  /** What reached that account's own or shared inbox, of that type. */
  received(account: Account, type?: string): readonly Document[]
  /** What the queue gave up, and why. */
  failures(): Promise<readonly string[]>
  ghostOf(account: Account): UserId
  portalOf(account: Account): RoomId
  actorOf(user: FakeUser): Promise<string>
  /** Portal where `user` reads `account`; both exist afterwards and the user has joined. */
  follow(user: FakeUser, account: Account): Promise<RoomId>
  /** The user's home room, which they have joined, made by following `account` as the first there. */
  followHome(user: FakeUser, account: Account): Promise<RoomId>
  /** The user's own public room, which they have joined. */
  publish(user: FakeUser): Promise<RoomId>
  /** `account` follows `user`, who is published. */
  gain(user: FakeUser, account: Account): Promise<void>
  invitesOf(user: FakeUser): readonly RoomId[]
  /** The only room that `user` is invited to or in, that is not in `known`. */
  newRoom(user: FakeUser, known: readonly RoomId[]): RoomId
}

const textOf = ({ content }: Line): string => {
  const { body } = content
  return typeof body === 'string' ? body : ''
}

function seeing(
  world: World,
): Pick<Flow, 'messages' | 'bodies' | 'eventOf' | 'received' | 'failures'> {
  const messages: Flow['messages'] = (roomId) =>
    world.homeserver.timeline(roomId).flatMap((event): Line[] => {
      const { event_id, sender, type, content, origin_server_ts, state_key } = event
      if (state_key !== undefined || typeof content !== 'object' || content === null) return []
      return [
        {
          eventId: asEventId(String(event_id)),
          sender: String(sender),
          type: String(type),
          content: { ...content },
          ts: Number(origin_server_ts),
        },
      ]
    })
  return {
    messages,
    bodies: (roomId) => messages(roomId).map(textOf),
    eventOf(roomId, body) {
      const found = messages(roomId).filter((line) => textOf(line) === body)
      const [line] = found
      if (line === undefined || found.length > 1)
        throw new Error(`${found.length} messages say ${JSON.stringify(body)}`)
      return line.eventId
    },
    received(account, type) {
      const { sharedInbox } = world.fediverse.server(account.host)
      const isTheirs = ({ inbox, activity }: Delivery): boolean =>
        (inbox === account.inbox || inbox === sharedInbox) &&
        (type === undefined || activity['type'] === type)
      return world.fediverse.deliveries.filter(isTheirs).map(({ activity }) => activity)
    },
    failures: async () =>
      (await world.queue.listFailed({ limit: 10 })).map(({ key, error }) => `${key}: ${error}`),
  }
}

export async function createFlow(
  weather: Partial<Weather> = {},
  options: Omit<WorldOptions, 'chance' | 'weather'> = {},
): Promise<Flow> {
  const world = await createWorld({
    ...options,
    chance: createChance('flow'),
    weather: { ...calm, ...weather },
    ...(process.env['TRACE'] === undefined
      ? {}
      : { trace: (line) => void process.stdout.write(`${line()}\n`) }),
  })
  const { time, homeserver } = world
  const quiet = (): Promise<void> => time.pass(5_000)
  await quiet()
  const user = (localpart: string): FakeUser => homeserver.addUser(`@${localpart}:${serverName}`)
  const chats = new Map<UserId, RoomId>()
  const seen = seeing(world)
  const chat = async (someone: FakeUser): Promise<RoomId> => {
    const known = chats.get(someone.userId)
    if (known !== undefined) return known
    const roomId = someone.createDm(bot)
    chats.set(someone.userId, roomId)
    await quiet()
    return roomId
  }
  const command: Flow['command'] = async (someone, line, room) => {
    const roomId = room ?? (await chat(someone))
    const before = seen.messages(roomId).length
    someone.say(roomId, line)
    await quiet()
    return seen
      .messages(roomId)
      .slice(before)
      .filter(({ sender }) => sender === bot)
      .map(textOf)
  }
  const ghostOf = ({ username, host }: Account): UserId =>
    asUserId(`@_ap_${username}_${host}:${serverName}`)
  const portalOf = (account: Account): RoomId => {
    const alias = `#${ghostOf(account).slice(1)}`
    const roomId = homeserver.findRoom(alias as never)
    if (roomId === undefined) throw new Error(`${account.handle} has no portal`)
    return roomId
  }
  const tell: Flow['tell'] = async (...sent) => {
    for (const one of sent) world.senders.send(one)
    await quiet()
  }
  const actorOf: Flow['actorOf'] = async ({ userId }) => {
    const actor = await world.store.findLocalActorByUser(userId)
    if (actor === undefined) throw new Error(`${userId} is nobody`)
    return actor.id
  }
  const newRoom: Flow['newRoom'] = (someone, known) => {
    const rooms = [...someone.rooms('invite'), ...someone.rooms('join')]
    const [room, ...more] = rooms.filter((roomId) => !known.includes(roomId))
    if (room === undefined || more.length > 0) throw new Error(`${more.length} more rooms than one`)
    return room
  }
  /** Joins the room that comes of a command. */
  const opened = async (someone: FakeUser, line: string): Promise<RoomId> => {
    const known = [...someone.rooms('invite'), ...someone.rooms('join'), await chat(someone)]
    await command(someone, line)
    const roomId = newRoom(someone, known)
    someone.join(roomId)
    await quiet()
    return roomId
  }
  const typed: Flow['typed'] = async (words) => {
    const answer = world.typed(words)
    await quiet()
    return answer
  }
  return {
    ...world,
    ...seen,
    ...{ user, quiet, chat, command, typed, ghostOf, portalOf, tell, actorOf, newRoom },
    minutes: (count) => time.pass(count * 60_000),
    hours: (count) => time.pass(count * 3_600_000),
    invitesOf: (someone) => someone.rooms('invite'),
    async follow(someone, account) {
      await command(someone, `follow ${account.handle}`)
      const roomId = portalOf(account)
      someone.join(roomId)
      await quiet()
      return roomId
    },
    followHome: (someone, account) => opened(someone, `follow ${account.handle} --home`),
    publish: (someone) => opened(someone, 'publish'),
    async gain(someone, account) {
      await tell(account.follow(await actorOf(someone)))
    },
  }
}
