import type { Account, Sent } from '../fakes/fediverse.ts'
import type { FakeUser } from '../fakes/homeserver.ts'
import type { RoomId } from '../../src/model/ids.ts'
import { createFlow, type Flow } from './setup.ts'

/** A bridge with an admin, and somebody with a post that others report. */
export type Moderated = {
  readonly flow: Flow
  readonly alice: FakeUser
  readonly admin: FakeUser
  /** The account of a whole server, which nobody can be told from. */
  readonly server: Account
  /** Ids of alice and of her post. */
  readonly me: string
  readonly post: string
  readonly flag: (members: object, by?: Account) => Sent
  /** The room where admins read reports. */
  readonly moderation: () => Promise<RoomId>
  /** What a user can read of reports. */
  readonly told: (user: FakeUser) => Promise<readonly string[]>
  /** What the notice of the first report says now, in words and in HTML. */
  readonly latest: () => Promise<{ readonly body: string; readonly html: string }>
}

type Options = Parameters<typeof createFlow>[1]

function seeing(flow: Flow): Pick<Moderated, 'moderation' | 'told' | 'latest'> {
  const moderation = async (): Promise<RoomId> => {
    const portal = await flow.store.findPortal({ kind: 'moderation' })
    if (portal === undefined) throw new Error('nobody was told')
    return portal.roomId
  }
  return {
    moderation,
    async told(user) {
      const rooms = [...user.rooms('invite'), ...user.rooms('join')]
      return rooms.flatMap((room) => flow.bodies(room)).filter((body) => body.startsWith('Report '))
    },
    async latest() {
      const contents = flow.messages(await moderation()).map(({ content }) => content)
      const last = contents.map((one) => (one['m.new_content'] ?? one) as typeof one)
      const notice = last.findLast(({ body }) => String(body).startsWith('Report 1:'))
      return { body: String(notice?.['body']), html: String(notice?.['formatted_body']) }
    },
  }
}

/** A complaint of a server, with what it says. */
function complaining(server: Account): Moderated['flag'] {
  let count = 0
  return (members, by = server) =>
    by.sign({
      '@context': 'https://www.w3.org/ns/activitystreams',
      id: `https://${by.host}/flags/${++count}`,
      type: 'Flag',
      actor: by.id,
      ...members,
    })
}

export async function createModerated(options?: Options): Promise<Moderated> {
  const flow = await createFlow({}, options)
  const [alice, admin] = [flow.user('alice'), flow.user('admin')]
  flow.permissions.set(admin.userId, 'admin')
  await flow.chat(admin)
  const room = await flow.publish(alice)
  alice.say(room, 'look at this')
  await flow.quiet()
  const me = await flow.actorOf(alice)
  const objects = flow.rows()['object'] ?? []
  const notes = objects.map((row) => JSON.parse(row) as { id: string; author: string })
  const post = notes.find(({ author }) => author === me)?.id ?? ''
  const server = flow.account('mastodon.example', 'mastodon.example')
  server.profile = { type: 'Application' }
  return {
    ...{ flow, alice, admin, server, me, post },
    flag: complaining(server),
    ...seeing(flow),
  }
}

type Reported = {
  readonly flow: Flow
  /** Posts of ours; of all posts, the last four are of another server. */
  readonly own: Readonly<Record<string, { readonly id: string }>>
  readonly posts: readonly { readonly secrets: readonly string[] }[]
  readonly ids: { readonly me: string }
  readonly eve: Account
}

/** All that an admin reads when each of the posts is reported, but for the ids, which whoever reports a post has. */
export async function readReported({ flow, own, posts, ids, eve }: Reported): Promise<string> {
  const root = flow.user('root')
  flow.permissions.set(root.userId, 'admin')
  await flow.chat(root)
  const ours = Object.values(own).map(({ id }) => id)
  const theirs = posts.slice(-4).map(({ secrets: [, id = ''] }) => id)
  for (const [index, id] of ours.entries()) {
    const flag = { type: 'Flag', actor: eve.id, object: [ids.me, id] }
    await flow.tell(eve.sign({ id: `https://${eve.host}/flags/${index}`, ...flag }))
  }
  for (const id of theirs) await flow.command(root, `report ${id} rude`)
  await flow.minutes(1)
  const portal = await flow.store.findPortal({ kind: 'moderation' })
  if (portal === undefined) throw new Error('nobody was told')
  return [...ours, ...theirs].reduce(
    (text, id) => text.replaceAll(id, ''),
    JSON.stringify(root.timeline(portal.roomId)),
  )
}

/** All that is said of what became of messages, which names the messages and servers alone. */
export async function readStatuses({ flow }: Pick<Reported, 'flow'>): Promise<string> {
  const rooms = flow.homeserver.rooms().flatMap((room) => flow.messages(room))
  const statuses = rooms.filter(({ type }) => type === 'com.beeper.message_send_status')
  if (statuses.length < 4) throw new Error(`only ${statuses.length} were said`)
  return JSON.stringify(statuses)
}
